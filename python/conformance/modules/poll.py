import select, socket
a, b = socket.socketpair()
p = select.poll()
p.register(a, select.POLLIN)
print(p.poll(0))
b.send(b"x")
for s, event in p.ipoll(100):
    print(s is a, event == select.POLLIN)
p.modify(a, select.POLLOUT)
print(p.poll(100)[0][1] == select.POLLOUT)
p.unregister(a)
print(p.poll(0))
