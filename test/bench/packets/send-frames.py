"""
Puts Ethernet frames onto an interface and prints, as JSON, the nanoseconds that each packet took in every lap.

    send-frames.py DEVICE FRAME_BYTES LAPS CPU FILE

All frames of a lap go out in one system call (packet(7): PACKET_TX_RING), and between network namespaces the kernel carries
each of them to its end before it takes the next. So the CPU time of the call is the time of the whole way, whatever else
runs on the machine. Each frame is copied into one piece of memory, as a network card hands it over (PACKET_VNET_HDR).
"""
import json, mmap, os, socket, struct, sys, time

SOL_PACKET, PACKET_VERSION, PACKET_TX_RING, PACKET_VNET_HDR, PACKET_QDISC_BYPASS = 263, 10, 13, 15, 20
TPACKET_V2, SEND_REQUEST = 1, 1
ROOM, DATA_AT, BLOCK = 128, 32, 65536

device, size, laps, cpu = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
with open(sys.argv[5], 'rb') as file:
    frames = file.read()
count = len(frames) // size
assert count * size == len(frames) and count * ROOM % BLOCK == 0 and DATA_AT + 10 + size <= ROOM
os.sched_setaffinity(0, {cpu})

ring = bytearray(count * ROOM)
for i in range(count):
    data = struct.pack('<BBHHHH', 0, 0, size, 0, 0, 0) + frames[i * size : (i + 1) * size]
    struct.pack_into('III', ring, i * ROOM, SEND_REQUEST, len(data), len(data))
    ring[i * ROOM + DATA_AT : i * ROOM + DATA_AT + len(data)] = data

with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as packets:
    for option, value in ((PACKET_VERSION, TPACKET_V2), (PACKET_QDISC_BYPASS, 1), (PACKET_VNET_HDR, 1)):
        packets.setsockopt(SOL_PACKET, option, value)
    packets.setsockopt(SOL_PACKET, PACKET_TX_RING, struct.pack('IIII', BLOCK, count * ROOM // BLOCK, ROOM, count))
    packets.bind((device, 0))
    shared = mmap.mmap(packets.fileno(), count * ROOM)
    times = []
    for _ in range(laps):
        shared[:] = bytes(ring)
        begun = time.thread_time_ns()
        packets.send(b'')
        times.append((time.thread_time_ns() - begun) / count)
    shared.close()
print(json.dumps(times))
