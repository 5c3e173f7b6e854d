"""Makes system calls that a plugin must not make, and prints what each answered as JSON.

Harmless whatever the answer: arguments cannot succeed, change nothing, or change this process alone. Nothing touches
modules, swap, power, accounting, the terminal or a setting of the host.
Arguments: the numbers of the calls as JSON, the mount namespace of the host, a folder to write in.
"""

import ctypes
import errno
import json
import mmap
import os
import platform
import signal
import socket
import stat
import sys
import threading

numbers, host_namespace, folder = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
if os.readlink("/proc/self/ns/mnt") == host_namespace or not host_namespace.startswith("mnt:["):
    sys.exit("Only inside a sandbox")

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
HIGH = 0xFFFFFFFF_00000000
BAD = 1  # an address that nobody can read
HERE = -100  # AT_FDCWD
SEIZE = 0x4206  # attaches without stopping; attaching to process 1 of a sandbox would stop all of it
USER, NET = 0x10000000, 0x40000000


def raw(number, *arguments):
    """The answer of a call: the name of its error, or "done"."""
    values = [a if isinstance(a, bytes) else ctypes.c_ulong(a & (2**64 - 1)) for a in arguments]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *values)
    if result == -1:
        return errno.errorcode.get(ctypes.get_errno(), str(ctypes.get_errno()))
    return "done"


def call(name, *arguments):
    return raw(numbers[name], *arguments) if name in numbers else "no such call"


def clone(flags):
    """Never succeeds quietly: a child would end at once."""
    ctypes.set_errno(0)
    arguments = [ctypes.c_ulong(a) for a in (flags | signal.SIGCHLD, 0, 0, 0, 0)]
    child = libc.syscall(ctypes.c_long(numbers["clone"]), *arguments)
    if child == 0:
        os._exit(0)
    if child == -1:
        return errno.errorcode[ctypes.get_errno()]
    os.waitpid(child, 0)
    return "done"


def in_child(attack):
    """How a child ends that does this: "killed" or "survived"."""
    child = os.fork()
    if child == 0:
        attack()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else "survived"


def answer_of_child(attack):
    """The answer to a child, whose end undoes what it did."""
    answers, answer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(answer, attack().encode())
        os._exit(0)
    os.waitpid(child, 0)
    return os.read(answers, 64).decode()


def old_abi():
    """getpid by int 0x80."""
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    ctypes.CFUNCTYPE(ctypes.c_int)(address)()


def mode_of(path):
    return "set" if os.stat(path).st_mode & (stat.S_ISUID | stat.S_ISGID) else "plain"


plain = f"{folder}/plain".encode()
with open(plain, "w") as opened:
    opened.write("x")
descriptor = os.open(plain, os.O_RDWR)
CREATE = os.O_WRONLY | os.O_CREAT
TMPFILE = 0o20000000 | os.O_DIRECTORY | os.O_RDWR
how = (ctypes.c_uint64 * 3)(CREATE, 0o4755, 0)
how_address = ctypes.addressof(how)
clone_arguments = (ctypes.c_uint64 * 11)(USER, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, 0)
clone_address = ctypes.addressof(clone_arguments)
byte = ctypes.create_string_buffer(b"x")
byte_address = ctypes.addressof(byte)
own_space = os.open("/proc/self/ns/user", os.O_RDONLY)
pidfd = os.pidfd_open(1)
me = os.getpid()


def threads_and_children():
    seen = []
    thread = threading.Thread(target=lambda: seen.append(1))
    thread.start()
    thread.join()
    return "done" if seen == [1] and os.system("/bin/sh -c :") == 0 else "failed"


attacks = {
    "unshare user": lambda: call("unshare", USER),
    "unshare user, high bits": lambda: call("unshare", USER | HIGH),
    "clone user": lambda: clone(USER),
    "clone user and net": lambda: clone(USER | NET),
    "clone user, high bits": lambda: clone(USER | HIGH),
    "clone3 user": lambda: call("clone3", clone_address, 88),
    "setns own": lambda: call("setns", own_space, 0),
    "setns to process 1": lambda: call("setns", pidfd, USER | NET),
    "mount": lambda: call("mount", 0, BAD, 0, 0, 0),
    "mount /usr writable": lambda: call("mount", b"none", b"/usr", 0, 4096 | 32, 0),
    "umount2": lambda: call("umount2", BAD, 0),
    "umount2 /proc": lambda: call("umount2", b"/proc", 2),
    "open_tree": lambda: call("open_tree", HERE, b"/usr", 1),
    "open_tree_attr": lambda: call("open_tree_attr", HERE, b"/usr", 1, 0, 0),
    "move_mount": lambda: call("move_mount", -1, b"", -1, b"", 0),
    "fsopen": lambda: call("fsopen", b"tmpfs", 0),
    "fsconfig": lambda: call("fsconfig", -1, 0, 0, 0, 0),
    "fsmount": lambda: call("fsmount", -1, 0, 0),
    "fspick": lambda: call("fspick", HERE, b"/usr", 0),
    "mount_setattr": lambda: call("mount_setattr", HERE, b"/usr", 0, BAD, 32),
    "chroot": lambda: call("chroot", BAD),
    "chroot /": lambda: call("chroot", b"/"),
    "pivot_root": lambda: call("pivot_root", BAD, BAD),
    "keyctl": lambda: call("keyctl", 0, -4, 0),
    "add_key": lambda: call("add_key", BAD, BAD, 0, 0, 0),
    "request_key": lambda: call("request_key", BAD, BAD, 0, 0),
    "bpf": lambda: call("bpf", 0, BAD, 0),
    "perf_event_open": lambda: call("perf_event_open", BAD, 0, -1, -1, 0),
    "userfaultfd": lambda: call("userfaultfd", 1),
    "io_uring_setup": lambda: call("io_uring_setup", 0, BAD),
    "io_uring_enter": lambda: call("io_uring_enter", -1, 0, 0, 0, 0, 0),
    "io_uring_register": lambda: call("io_uring_register", -1, 0, 0, 0),
    "ptrace": lambda: call("ptrace", 3, me, 0, 0),
    "ptrace process 1": lambda: answer_of_child(lambda: call("ptrace", SEIZE, 1, 0, 0)),
    "process_vm_readv": lambda: call("process_vm_readv", me, 0, 0, 0, 0, 0),
    "process_vm_writev": lambda: call("process_vm_writev", me, 0, 0, 0, 0, 0),
    "process_madvise": lambda: call("process_madvise", -1, 0, 0, 0, 0),
    "kcmp": lambda: call("kcmp", me, me, 2, 0, 0),
    "pidfd_getfd": lambda: call("pidfd_getfd", -1, 0, 0),
    "pidfd_getfd of process 1": lambda: call("pidfd_getfd", pidfd, 0, 0),
    "name_to_handle_at": lambda: call("name_to_handle_at", HERE, b"/", BAD, BAD, 0),
    "open_by_handle_at": lambda: call("open_by_handle_at", HERE, BAD, 0),
    "above the ceiling": lambda: raw(470),
    "far above the ceiling": lambda: raw(0x3FFFFFFF),
    "no number": lambda: raw(0xFFFFFFFF),
    "raw socket": lambda: call("socket", 2, 3, 255),
    "raw socket, flags": lambda: call("socket", 10, 3 | 0o2004000, 255),
    "unix socket of the type raw": lambda: call("socket", 1, 3, 0),
    "packet socket": lambda: call("socket", 17, 2, 0),
    "packet socket by its old name": lambda: call("socket", 2, 10, 0),
    "netlink socket": lambda: call("socket", 16, 3, 0),
    "netlink socket of the type dgram": lambda: call("socket", 16, 2, 0),
    "vsock socket": lambda: call("socket", 40, 1, 0),
    "alg socket": lambda: call("socket", 38, 5, 0),
    "xdp socket": lambda: call("socket", 44, 2, 0),
    "netlink socketpair": lambda: call("socketpair", 16, 2, 0, BAD),
    "netlink socket, high bits": lambda: call("socket", 16 | HIGH, 2 | HIGH, 0),
    "unix socket of the type raw, high bits": lambda: call("socket", 1 | HIGH, 3 | HIGH, 0),
    "TIOCSTI": lambda: call("ioctl", descriptor, 0x5412, byte_address),
    "TIOCSTI, high bits": lambda: call("ioctl", descriptor, 0x5412 | HIGH, byte_address),
    "TIOCLINUX": lambda: call("ioctl", descriptor, 0x541C, byte_address),
    "TIOCLINUX, high bits": lambda: call("ioctl", descriptor, 0x541C | HIGH, byte_address),
    "mknod device": lambda: call("mknodat", HERE, plain + b"-device", stat.S_IFBLK | 0o600, 0x0800),
    "mknod pipe": lambda: call("mknodat", HERE, plain + b"-pipe", stat.S_IFIFO | 0o600, 0),
    "personality": lambda: call("personality", 0x40000),
    "syslog": lambda: call("syslog", -1, 0, 0),
    "sethostname": lambda: call("sethostname", b"plugin", 6),
    "setdomainname": lambda: call("setdomainname", BAD, 0),
    "settimeofday": lambda: call("settimeofday", BAD, 0),
    "clock_settime": lambda: call("clock_settime", 0, BAD),
    "clock_adjtime": lambda: call("clock_adjtime", 0, BAD),
    "adjtimex": lambda: call("adjtimex", BAD),
    "get_mempolicy": lambda: call("get_mempolicy", 0, 0, 0, 0, 0),
    "set_mempolicy": lambda: call("set_mempolicy", 0, 0, 0),
    "mbind": lambda: call("mbind", 0, 0, 0, 0, 0, 0),
    "lookup_dcookie": lambda: call("lookup_dcookie", 0, 0, 0),
    "fchmod set-user-id": lambda: call("fchmod", descriptor, 0o4755),
    "fchmod set-group-id, high bits": lambda: call("fchmod", descriptor, 0o2755 | HIGH),
    "fchmodat set-user-id": lambda: call("fchmodat", HERE, plain, 0o4755),
    "fchmodat2 set-user-id": lambda: call("fchmodat2", HERE, plain, 0o4755, 0),
    "openat set-user-id": lambda: call("openat", HERE, plain + b"-1", CREATE, 0o4755),
    "openat set-user-id, high bits": lambda: call(
        "openat", HERE, plain + b"-2", CREATE | HIGH, 0o4755 | HIGH
    ),
    "openat unnamed set-user-id": lambda: call("openat", HERE, folder.encode(), TMPFILE, 0o4755),
    "openat2 set-user-id": lambda: call("openat2", HERE, plain + b"-3", how_address, 24),
    "setxattr capability": lambda: call(
        "setxattr", plain, b"security.capability", b"\0\0\0\2" + b"\0" * 16, 20, 0
    ),
    # Allowed, beside those above.
    "personality query": lambda: call("personality", 0xFFFFFFFF),
    "fchmod plain": lambda: call("fchmod", descriptor, 0o755),
    "openat plain": lambda: call("openat", HERE, plain + b"-4", CREATE, 0o644),
    "openat without making": lambda: call("openat", HERE, plain, os.O_RDONLY, 0o4755),
    "unix socket": lambda: call("socket", 1, 1, 0),
    "unix socket, high bits": lambda: call("socket", 1 | HIGH, 1, 0),
    "inet socket": lambda: call("socket", 2, 1, 0),
    "inet6 socket": lambda: call("socket", 10, 2, 0),
    "TIOCGWINSZ": lambda: call("ioctl", descriptor, 0x5413, byte_address),
    "threads and children": threads_and_children,
    "set-user-id file": lambda: mode_of(plain),
}
if platform.machine() == "x86_64":
    attacks |= {
        "x32": lambda: in_child(lambda: raw(0x40000000 + 39)),
        "int 0x80": lambda: in_child(old_abi),
        "chmod set-user-id": lambda: call("chmod", plain, 0o6755),
        "creat set-user-id": lambda: call("creat", plain + b"-5", 0o4755),
        "open set-user-id": lambda: call("open", plain + b"-6", CREATE, 0o2755),
        "mknod pipe by the old call": lambda: call("mknod", plain + b"-7", stat.S_IFIFO | 0o600, 0),
        "modify_ldt": lambda: call("modify_ldt", 0, 0, 0),
        "sysfs": lambda: call("sysfs", 3),
        "ustat": lambda: call("ustat", 0, BAD),
    }

# What makes a file set-user-id stands before the look at it.
last = ("fchmod plain", "set-user-id file")
order = [name for name in attacks if name not in last] + list(reversed(last))
print(json.dumps({name: attacks[name]() for name in order}))
