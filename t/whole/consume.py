#!/usr/bin/python3
"""consume.py MODE KILLS SEED WANTED FILE COMMAND...

Reads the events of COMMAND, a jackline with -ck, kills it (SIGKILL) at KILLS
random moments and starts it again, until WANTED messages, from others, of other
clients of ours or in rooms, were told in all. MODE replay asks for a replay at each
start, and FILE gets a line `RUN ARCHIVED TEXT VIA` for each; MODE queue records
each once, by its tag, sender and id, then says /done; some of its deaths are between the two.
The last line of FILE is `end RUNS`."""
import random
import signal
import subprocess
import sys
import threading

mode, kills, seed, wanted, path = sys.argv[1:6]
command = sys.argv[6:]
kills, wanted = int(kills), int(wanted)
dice = random.Random(int(seed))
seen, texts, out = set(), set(), open(path, "w")


def run(number):
    """One life of COMMAND; returns True when all is told."""
    doomed = number <= kills
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    timer = threading.Timer(dice.uniform(0, 0.4), child.kill)
    if mode == "replay":
        tell(child, "/carbons on")
        tell(child, "/replay")
    ids = []
    for line in child.stdout:
        if not line.endswith(b"\n"):
            break  # of one that died
        columns = line.decode().rstrip("\n").split("\t")
        if doomed and columns[0] == "state" and columns[3] == "online":
            timer.start()
        # All may have been told by a run that was killed then.
        if len(texts) >= wanted and not doomed:
            break
        if columns[0] not in ("message", "own", "room"):
            continue
        attrs = dict(word.split("=", 1) for word in columns[4:])
        key = attrs.get("archived", "-")
        take(number, columns, key, attrs.get("via", "-"))
        if mode == "queue":
            ids.append(key)
            if len(ids) >= dice.choice((1, 1, 2, 5)):
                if doomed and dice.random() < 0.01:
                    child.kill()
                tell(child, "/done " + ids.pop())
                ids.clear()
        if len(texts) >= wanted and not doomed:
            break
    timer.cancel()
    if len(texts) >= wanted and not doomed:
        if ids:
            tell(child, "/done " + ids.pop())
        tell(child, "/quit")
        child.stdout.read()
    else:
        child.kill()
    child.stdout.close()
    child.wait()
    return len(texts) >= wanted and not doomed


def take(number, columns, key, via):
    """A message was told; ejabberd may archive one twice, by two ids."""
    tag, _, peer, text = columns[:4]
    texts.add(text)
    if mode == "queue":
        if (tag, peer, key) in seen:
            return
        print(key, text, file=out, flush=True)
        seen.add((tag, peer, key))
    else:
        print(number, key, text, via, file=out, flush=True)


def tell(child, line):
    """Types LINE, if somebody is there."""
    try:
        child.stdin.write(line.encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        pass


signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
runs = 1
while not run(runs):
    runs += 1
    if runs > kills + 20:
        break
print("end", runs, file=out, flush=True)
