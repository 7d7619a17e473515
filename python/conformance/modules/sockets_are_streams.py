import socket, _thread
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(1)
def serve():
    c, address = s.accept()
    print(c.readline(), c.read(3))
    c.write(b"answer")
    c.close()
_thread.start_new_thread(serve, ())
c = socket.socket()
c.connect(s.getsockname())
c.write(b"line\nabc")
print(c.read())
