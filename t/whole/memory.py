"""memory.py PID [text] [unlocked]: prints those lines of standard input that
are in the memory of the process, or in what of it may be swapped: as they
stand, or, without `text`, as the number that many digits are, in binary. To be
run as root, or before the process cannot be looked into."""
import re
import sys


def regions(pid):
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = [int(edge, 16) for edge in span.split("-")]
            # The sanitizer's own notes are larger than all memory.
            if rights[0] == "r" and "[v" not in line and end - start < 1 << 28:
                yield start, end


def locked(pid):
    """Where the regions begin that are not swapped."""
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            if re.match("[0-9a-f]+-", line):
                start = int(line.split("-")[0], 16)
            elif line.startswith("VmFlags:") and " lo" in line:
                yield start


def memory(pid):
    spared = set(locked(pid)) if "unlocked" in sys.argv else set()
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for start, end in regions(pid):
            if start in spared:
                continue
            mem.seek(start)
            try:
                yield mem.read(end - start)
            except OSError:
                pass  # not there, though mapped


def forms(secret):
    yield secret.encode()
    if "text" not in sys.argv and re.fullmatch("[0-9]{30,}", secret):
        number = int(secret)
        yield number.to_bytes((number.bit_length() + 7) // 8, "big")


secrets = sys.stdin.read().split("\n")
found = set()
for piece in memory(sys.argv[1]):
    for secret in secrets:
        if secret and any(form in piece for form in forms(secret)):
            found.add(secret)
print("\n".join(sorted(found)))
