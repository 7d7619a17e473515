import utime, uselect, usocket, ujson, ustruct, ubinascii, uhashlib, uos, usys, uio, uerrno, ure, urandom, ucollections
print(ujson.loads("[1, 2]"), utime.ticks_diff(2, 1), ubinascii.hexlify(b"a"))
print(ure.match("a+", "aaa").group(0), uerrno.EAGAIN)
