"""Under which account the embedded server runs. PostgreSQL refuses to run as root.

Not root: our own account. Root: our own account still, but seen from inside a user namespace where it has
another number, so nothing is widened and no other account is involved. Where the kernel forbids user
namespaces, as containers do: another account. If that one may not enter the directories of the programs and
the data, it is given root's right to enter, for this program only; the directories stay as they are.
"""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from kupong.boot.failures import OutsideError

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)


class Account(msgspec.Struct, frozen=True):
    """`uid` and `gid` own the server's files. `inside` is the account the server sees in its namespace.

    `enters_everywhere`: it keeps root's right to pass by the modes of files and directories.
    """

    uid: int
    gid: int
    name: str
    inside: tuple[int, int] | None = None
    groups: tuple[int, ...] = ()
    enters_everywhere: bool = False

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()


def choose(namespaces_allowed: Callable[[], bool] | None = None) -> Account:
    """Errors: OutsideError when we are root and no account is fit to run the server."""
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0:
        return Account(uid, gid, "own")
    if (namespaces_allowed or user_namespaces_allowed)():
        return Account(uid, gid, "root", inside=_any_account_but_root())
    for name in ("postgres", "nobody"):
        try:
            other = pwd.getpwnam(name)
        except KeyError:
            continue
        groups = tuple(os.getgrouplist(name, other.pw_gid))
        return Account(other.pw_uid, other.pw_gid, name, groups=groups)
    raise OutsideError(
        "PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody' to run it as:"
        " start kupong as another user, or set DATABASE_URL"
    )


def user_namespaces_allowed() -> bool:
    """Try it in a child of its own: reading kernel settings would not tell what a container forbids."""
    child = os.fork()
    if child == 0:
        try:
            _enter_namespace((1, 1))
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def spawn(
    command: list[str], account: Account, death_signal: signal.Signals, **options: Any
) -> "subprocess.Popen[bytes]":
    """Start a program under the account; the kernel sends it `death_signal` when our thread ends.

    Call it from the main thread: the signal follows the thread, not the process.
    """
    parent = os.getpid()

    def prepare() -> None:
        if account.inside is not None:
            _enter_namespace(account.inside)
        elif account.is_other:
            _become(account)
        # Every change of account clears the death signal, so it is set last.
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=prepare,
        **options,
    )


def own(account: Account, path: Path) -> None:
    """Give a directory and all below it to the account; does nothing when it has it already."""
    if os.geteuid() != 0 or path.stat().st_uid == account.uid:
        return
    # The top comes last: if we are stopped in between, the next start sees the old owner and goes on.
    for folder, _, files in os.walk(path, topdown=False):
        for name in files:
            os.chown(Path(folder, name), account.uid, account.gid, follow_symlinks=False)
        os.chown(folder, account.uid, account.gid)


def able_to_reach(account: Account, directories: list[Path]) -> Account:
    """The account, with the right to enter everywhere if it needs that to get to the directories.

    Errors: OutsideError in one line when it cannot get there even so.
    """
    if not account.is_other or _reaches(account, directories):
        return account
    stronger = msgspec.structs.replace(account, enters_everywhere=True)
    if _reaches(stronger, directories):
        return stronger
    raise OutsideError(
        f"PostgreSQL does not run as root, and the account {account.name!r} cannot reach"
        f" {' and '.join(map(str, directories))}: use directories it can reach (KUPONG_DATA),"
        " start kupong as another user, or set DATABASE_URL"
    )


def _reaches(account: Account, directories: list[Path]) -> bool:
    child = os.fork()
    if child == 0:
        try:
            _become(account)
            for directory in directories:
                os.stat(f"{directory}/.")
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _become(account: Account) -> None:
    """Change the account of this process, which has to be a child that was forked for it."""
    if account.enters_everywhere:
        _libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups(account.groups)
    os.setgid(account.gid)
    os.setuid(account.uid)
    if account.enters_everywhere:
        right = 1 << CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
        # Effective, permitted, inheritable; once for the lower and once for the upper 32 rights.
        rights = (ctypes.c_uint32 * 6)(right, right, right, 0, 0, 0)
        if _libc.capset(header, rights) != 0:
            raise OSError(ctypes.get_errno(), "capset")
        # Only an ambient right outlives the start of another program.
        if _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def _enter_namespace(inside: tuple[int, int]) -> None:
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    # The kernel wants groups given up before it lets an account map its own group.
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{inside[0]} {uid} 1"),
        ("gid_map", f"{inside[1]} {gid} 1"),
    ):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)


def _any_account_but_root() -> tuple[int, int]:
    """`initdb` looks its account up by number, so it has to be one that exists."""
    for entry in pwd.getpwall():
        if entry.pw_uid not in (0, 65534):
            return entry.pw_uid, entry.pw_gid or entry.pw_uid
    return 65534, 65534
