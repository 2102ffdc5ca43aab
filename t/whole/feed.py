#!/usr/bin/python3
# feed.py NAME COUNT WINDOW FILE: writes the lines `NAME 1` to `NAME COUNT`, but
# no more than WINDOW ahead of what FILE, the events of the one who gets them,
# says came. The server's queues stay short so: Prosody 0.12 takes longer for
# each stanza that it holds back, the more it holds. Where nothing comes for
# five seconds though that one is online, what is under way is taken for lost.
import sys
import time

name, count, window = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
text = "\t%s " % name
came = taken = wrote = 0
online = True
since = time.monotonic()
rest = ""
with open(sys.argv[4], encoding="utf-8", errors="replace") as events:
    while wrote < count:
        rest += events.read()
        whole, newline, rest = rest.rpartition("\n")
        for line in whole.split("\n"):
            if line.startswith(("message\t", "own\t")) and text in line:
                came = int(line.split("\t")[3].split(" ")[1])
                since = time.monotonic()
            elif line.startswith("state\t"):
                online = line.split("\t")[3] == "online"
        if not online:
            since = time.monotonic()
        if time.monotonic() > since + 5:
            taken, since = wrote, time.monotonic()
        room = min(count, max(came, taken) + window) - wrote
        for number in range(wrote + 1, wrote + min(room, 20) + 1):
            print(name, number)
            wrote = number
        sys.stdout.flush()
        time.sleep(0.005)
