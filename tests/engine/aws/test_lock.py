from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ConnectionClosedError

from sra_bootstrap.aws import Connection, Record
from sra_bootstrap.aws.lock import Lock, whoami
from sra_bootstrap.aws.lock_bucket import LOCK_ACTIONS, MARGIN_SECONDS, Found, LockBucket, bucket_name
from sra_bootstrap.clock import VirtualClock, WallClock
from sra_bootstrap.errors import AccessError, LockedError
from sra_bootstrap.journal import Journal, runs
from sra_bootstrap.model import Target
from tests.engine.conftest import HOME, MANAGEMENT_ID, organization
from tests.sandbox.conftest import Aws

BUCKET = f"sra-bootstrap-lock-{MANAGEMENT_ID}-{HOME}-an"
LEASE = 900
WRITTEN = "UpdateAccountPasswordPolicy"
ORG = organization()
LOADER = botocore.session.Session().get_component("data_loader")


@dataclass
class Operator:
    """One who runs the tool: with a connection, and so a clock that can be stopped, of their own."""

    name: str
    aws: Aws
    home: str = HOME
    records: list[Record] = field(default_factory=list)
    faults: dict[str, list[str | None]] = field(default_factory=dict)
    lost_answers: list[str] = field(default_factory=list)
    interceptions: dict[str, Callable[[], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock(self.aws.clock)
        self.connection = Connection(self.home, self.clock, on_call=self.records.append)
        session: Any = self.connection._session
        # The model of S3 is large; one loader reads it once.
        session.register_component("data_loader", LOADER)
        session.register("before-send.s3", self._before_send)
        session.register("needs-retry.s3", self._after_answer)

    def lock(self, *, seconds: float = LEASE, take_over: bool = False) -> Lock:
        org = organization(home_region=self.home)
        return Lock(self.connection, org, self.name, seconds=seconds, take_over=take_over)

    def read(self) -> Found | None:
        return LockBucket(self.connection, organization(home_region=self.home)).read("looking")

    def held(self) -> Found:
        found = self.read()
        assert found is not None
        return found

    def write_something(self) -> None:
        """Change something in AWS that is not the lock."""
        self.connection.writer(ORG).client("iam", Target("management")).update_account_password_policy()

    def calls(self) -> list[str]:
        return [f"{record.operation} {record.error or 'ok'}" for record in self.records if record.service == "s3"]

    def fail(self, operation: str, *codes: str | None) -> None:
        """Let S3 answer the next calls of an operation with these errors, where there is one."""
        self.faults.setdefault(operation, []).extend(codes)

    def _before_send(self, event_name: str, request: Any, **event: Any) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        self.interceptions.pop(operation, lambda: None)()
        codes = self.faults.get(operation)
        code = codes.pop(0) if codes else None
        if code is None:
            return None
        # moto is asked too; so it must not know what it is asked.
        url, request.url = request.url, "https://nowhere.example.com"
        body = f"<Error><Code>{code}</Code><Message>So the test wants it.</Message></Error>".encode()
        response: Any = AWSResponse
        status = {"SlowDown": 503, "PermanentRedirect": 301}.get(code, 409)
        answer: AWSResponse = response(url, status, {"x-amz-bucket-region": "eu-north-1"}, Raw(body))
        return answer

    def _after_answer(self, event_name: str, response: Any, **event: Any) -> None:
        operation = event_name.rpartition(".")[2]
        if operation in self.lost_answers and response[0].status_code < 300:
            self.lost_answers.remove(operation)
            raise ConnectionClosedError(endpoint_url="https://s3.example.com")


class Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        yield self._body


class Clock(VirtualClock):
    """The time of the sandbox, in which one operator is stopped and another is not."""

    def __init__(self, of_aws: Any) -> None:
        super().__init__()
        self._of_aws = of_aws
        self.skew = 0.0

    def now(self) -> float:
        return float(self._of_aws.now()) + self.skew

    def wait(self, seconds: float) -> None:
        super().wait(0)
        self._of_aws.wait(seconds)


@pytest.fixture
def anna(aws: Aws) -> Operator:
    return Operator("Anna", aws)


@pytest.fixture
def ben(aws: Aws) -> Operator:
    return Operator("Ben", aws)


@contextmanager
def expect_loss(lock: Lock) -> Iterator[Lock]:
    """A lock that is lost before this ends."""
    with pytest.raises(LockedError), lock:
        yield lock


def pass_by(aws: Aws, seconds: float) -> None:
    aws.clock.wait(seconds)


# Taking it, and giving it back.


def test_what_is_locked_can_be_seen_in_the_account(anna: Operator, aws: Aws) -> None:
    with anna.lock() as lock:
        answer = aws.client("s3").get_object(Bucket=BUCKET, Key="apply.lock")
        seen = json.loads(answer["Body"].read())

    assert seen["owner"] == "Anna"
    assert seen["run"] == lock.run
    assert seen["taken"] < seen["expires"]
    assert seen["version"]
    assert answer["ContentType"] == "application/json"


def test_the_second_sees_the_name_of_the_first_and_until_when(anna: Operator, ben: Operator) -> None:
    with anna.lock(), pytest.raises(LockedError) as refused, ben.lock():
        pytest.fail("there are two")

    found = refused.value
    assert found.message.startswith("Anna is applying, since 20")
    assert "holds until 20" in found.message
    assert "--take-over-lock" in found.remedy


def test_it_is_given_back_and_can_be_taken_again(anna: Operator, ben: Operator) -> None:
    with anna.lock() as lock:
        pass
    assert (anna.read(), lock.kept, lock.lost) == (None, "", None)

    with ben.lock():
        assert ben.held().holder.owner == "Ben"


def test_it_is_given_back_when_what_it_was_for_fails(anna: Operator) -> None:
    with pytest.raises(ZeroDivisionError), anna.lock():
        raise ZeroDivisionError

    assert anna.read() is None


def test_it_is_given_back_when_somebody_stops_the_tool(anna: Operator) -> None:
    lock = anna.lock()

    def apply() -> None:
        with lock:
            anna.clock.stop()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply()

    assert (anna.read(), lock.kept) == (None, "")


def test_of_operators_who_start_together_exactly_one_gets_it(aws: Aws) -> None:
    operators = [Operator(name, aws) for name in ("Anna", "Ben", "Cleo", "Dan")]
    for _ in range(25):
        together, done = threading.Barrier(4, timeout=60), threading.Barrier(4, timeout=60)

        def contend(operator: Operator, together: threading.Barrier, done: threading.Barrier) -> str:
            together.wait()
            try:
                with operator.lock():
                    done.wait()
                    return operator.name
            except LockedError as refused:
                done.wait()
                return refused.message.partition(" is applying")[0]

        with ThreadPoolExecutor(len(operators)) as pool:
            names = list(pool.map(contend, operators, [together] * 4, [done] * 4))

        assert len(set(names)) == 1
        assert operators[0].read() is None


def test_the_bucket_is_made_once_private_by_default_and_for_tls_only(anna: Operator, ben: Operator, aws: Aws) -> None:
    with anna.lock():
        pass
    with ben.lock():
        pass

    assert anna.calls()[:3] == ["PutObject NoSuchBucket", "CreateBucket ok", "PutBucketPolicy ok"]
    assert ben.calls() == ["PutObject ok", "DeleteObject ok"]
    s3 = aws.client("s3")
    assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == HOME
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_in_us_east_1_no_place_is_named(aws: Aws) -> None:
    operator = Operator("Anna", aws, home="us-east-1")

    with operator.lock():
        name = bucket_name(organization(home_region="us-east-1"))
        assert aws.client("s3", "us-east-1").get_bucket_location(Bucket=name)["LocationConstraint"] is None


def test_every_name_of_a_bucket_is_short_enough() -> None:
    names = [bucket_name(organization(home_region=region)) for region in ("us-isob-east-1", "ap-southeast-5")]

    assert max(map(len, names)) <= 63


def test_every_call_says_what_it_is_for_and_takes_no_more_than_is_declared(anna: Operator, ben: Operator) -> None:
    with anna.lock() as lock:
        lock.renew()
        with pytest.raises(LockedError), ben.lock():
            pass

    records = [record for record in (*anna.records, *ben.records) if record.service == "s3"]
    assert {record.about for record in records} == {"lock: taking it", "lock: renewing it", "lock: giving it back"}
    assert {f"s3:{record.operation}" for record in records} == LOCK_ACTIONS - {"s3:ListBucket"}


def test_the_owner_is_the_caller_on_this_machine(anna: Operator) -> None:
    assert whoami(anna.connection).startswith(f"arn:aws:sts::{MANAGEMENT_ID}:")
    assert "(process " in whoami(anna.connection)


# What S3 and the network do.


def test_a_conflict_is_tried_again(anna: Operator) -> None:
    anna.fail("PutObject", "ConditionalRequestConflict", "ConditionalRequestConflict", "SlowDown")
    with anna.lock():
        anna.fail("DeleteObject", "ConditionalRequestConflict")

    assert anna.read() is None


def test_a_lock_that_was_taken_without_an_answer_is_known_for_ours(anna: Operator, ben: Operator) -> None:
    with ben.lock():
        pass
    anna.lost_answers.append("PutObject")

    with anna.lock() as lock:
        assert anna.held().holder.run == lock.run
        lock.renew()

    assert anna.calls()[:3] == ["PutObject ConnectionClosedError", "PutObject PreconditionFailed", "GetObject ok"]
    assert anna.read() is None


def test_a_renewal_and_a_return_without_an_answer_are_known_for_ours(anna: Operator) -> None:
    with anna.lock() as lock:
        pass_by(anna.aws, 100)
        anna.lost_answers.append("PutObject")
        lock.renew()
        pass_by(anna.aws, LEASE)
        lock.renew()
        anna.lost_answers.append("DeleteObject")

    assert (lock.lost, lock.kept, anna.read()) == (None, "", None)


def test_a_renewal_that_was_cut_off_does_not_keep_the_lock_from_being_given_back(anna: Operator) -> None:
    with anna.lock() as lock:
        pass_by(anna.aws, 100)
        etag = lock._etag
        lock.renew()
        lock._etag = etag

    assert (lock.lost, lock.kept, anna.read()) == (None, "", None)


def test_a_lock_that_is_given_back_while_one_looks_is_taken(anna: Operator, ben: Operator) -> None:
    lock = anna.lock()
    lock.__enter__()
    ben.interceptions["GetObject"] = lambda: lock.__exit__(None, None, None)

    with ben.lock():
        assert ben.held().holder.owner == "Ben"


def test_a_bucket_that_two_make_at_once_is_good_for_both(anna: Operator, ben: Operator) -> None:
    def meanwhile() -> None:
        with ben.lock():
            pass

    anna.interceptions["CreateBucket"] = meanwhile
    with anna.lock():
        assert anna.held().holder.owner == "Anna"

    assert "CreateBucket BucketAlreadyOwnedByYou" in anna.calls()


def test_a_new_bucket_may_be_unknown_for_a_while(anna: Operator) -> None:
    anna.fail("PutBucketPolicy", "NoSuchBucket", "NoSuchBucket")
    anna.fail("PutObject", None, "NoSuchBucket")

    with anna.lock():
        assert anna.held().holder.owner == "Anna"


def test_a_lock_that_changes_hands_all_the_time_is_given_up(anna: Operator) -> None:
    with anna.lock():
        pass
    anna.fail("PutObject", *["PreconditionFailed"] * 100)

    with pytest.raises(AccessError, match="changes hands faster"), anna.lock():
        pass


def test_what_is_no_lock_is_said_to_be_none(anna: Operator, aws: Aws) -> None:
    with anna.lock():
        pass
    for body in (b"locked", b"[]", b"{}", b'{"owner": "Anna", "run": "", "taken": "now", "seconds": 1, "version": ""}'):
        aws.client("s3").put_object(Bucket=BUCKET, Key="apply.lock", Body=body)
        with pytest.raises(AccessError, match="no lock that this version can read"), anna.lock(take_over=True):
            pass


@pytest.mark.parametrize("action", sorted(LOCK_ACTIONS - {"s3:DeleteObject"}))
def test_without_a_permission_it_is_not_taken_the_first_time_and_the_permissions_are_named(
    anna: Operator, action: str
) -> None:
    anna.aws.settings.denied = frozenset({action})

    with pytest.raises(AccessError, match="AccessDenied") as denied, anna.lock():
        pass

    assert action in denied.value.remedy
    assert "--no-lock" in denied.value.remedy


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:DeleteObject"])
def test_a_lock_that_cannot_be_given_back_says_so_and_expires(anna: Operator, ben: Operator, action: str) -> None:
    with ben.lock():
        pass
    anna.aws.settings.denied = frozenset({action})
    with anna.lock() as lock:
        pass

    assert "holds until it expires" in lock.kept
    assert "AccessDenied" in lock.kept
    anna.aws.settings.denied = frozenset()
    pass_by(anna.aws, LEASE + MARGIN_SECONDS + 1)
    with ben.lock():
        pass


@pytest.mark.parametrize("answers", [[], ["PermanentRedirect"]])
def test_a_bucket_of_another_account_is_never_written_to(aws: Aws, answers: list[str]) -> None:
    # In this region S3 has no names that are an account's own, and anybody can have been there first.
    home = "me-south-1"
    aws.found_organization()
    other = aws.add_account("other")
    aws.client("account").enable_region(RegionName=home)
    aws.client("account", account=other).enable_region(RegionName=home)
    aws.clock.wait(aws.settings.region_seconds)
    name = bucket_name(organization(home_region=home))
    theirs = aws.client("s3", home, other)
    theirs.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": home})
    operator = Operator("Anna", aws, home=home)
    operator.fail("PutObject", *answers)

    with pytest.raises(AccessError, match="AccessDenied") as refused, operator.lock():
        pass

    assert "belongs to another account, and nothing was written to it" in refused.value.remedy
    assert "Contents" not in theirs.list_objects_v2(Bucket=name)
    assert operator.calls() == ["PutObject AccessDenied"]


def test_a_bucket_that_another_account_makes_at_the_same_time_is_not_used(anna: Operator) -> None:
    anna.fail("CreateBucket", "BucketAlreadyExists")

    with pytest.raises(AccessError, match="belongs to another account"), anna.lock():
        pass

    assert anna.calls() == ["PutObject NoSuchBucket", "CreateBucket BucketAlreadyExists"]


# Expiry.


def test_what_a_crash_left_behind_is_taken_over_once_it_has_expired(anna: Operator, ben: Operator) -> None:
    crashed = anna.lock()
    crashed.__enter__()
    pass_by(anna.aws, LEASE + MARGIN_SECONDS - 2)
    with pytest.raises(LockedError), ben.lock():
        pass
    pass_by(anna.aws, 4)

    with ben.lock():
        assert ben.held().holder.owner == "Ben"
    crashed._over.set()


@pytest.mark.parametrize("skew", [-86400.0, 86400.0])
def test_a_clock_that_is_wrong_breaks_no_lock(anna: Operator, ben: Operator, skew: float) -> None:
    ben.clock.skew = skew
    with anna.lock(), pytest.raises(LockedError, match="Anna"), ben.lock():
        pass
    with ben.lock(), pytest.raises(LockedError, match="Ben"), anna.lock():
        pass


def test_an_expired_lock_is_taken_over_by_exactly_one_of_several(anna: Operator, aws: Aws) -> None:
    operators = [Operator(name, aws) for name in ("Ben", "Cleo", "Dan", "Eve")]
    for _ in range(10):
        crashed = anna.lock()
        crashed.__enter__()
        crashed._over.set()
        pass_by(aws, LEASE + MARGIN_SECONDS + 1)
        together, done = threading.Barrier(4, timeout=60), threading.Barrier(4, timeout=60)

        def contend(operator: Operator, together: threading.Barrier, done: threading.Barrier) -> str:
            together.wait()
            try:
                with operator.lock():
                    done.wait()
                    return operator.name
            except LockedError as refused:
                done.wait()
                return refused.message.partition(" is applying")[0]

        with ThreadPoolExecutor(4) as pool:
            names = set(pool.map(contend, operators, [together] * 4, [done] * 4))

        assert len(names) == 1
        assert names != {"Anna"}


def test_renewal_extends_it_and_it_is_known_since_when_it_is_held(anna: Operator, ben: Operator) -> None:
    with anna.lock() as lock:
        first = anna.held()
        for _ in range(10):
            pass_by(anna.aws, LEASE / 3)
            lock.renew()
            with pytest.raises(LockedError), ben.lock():
                pass
        last = anna.held()

    assert last.holder == first.holder
    assert last.expires - first.expires >= timedelta(seconds=LEASE * 3)
    assert last.etag != first.etag


def test_it_is_renewed_in_the_background(anna: Operator) -> None:
    renewed = threading.Event()

    def on_call(record: Record) -> None:
        if record.about == "lock: renewing it":
            renewed.set()

    anna.connection.watch(lambda _: None, on_call)

    # Every third of that, in the time of the machine; what AWS's clock says does not matter to it.
    with anna.lock(seconds=0.03):
        assert renewed.wait(30)

    assert anna.read() is None


def test_a_renewal_in_the_background_that_fails_is_made_again(anna: Operator) -> None:
    anna.fail("PutObject", None, None, *["InvalidRequest"] * 3)
    renewed = threading.Event()

    def on_call(record: Record) -> None:
        if record.about == "lock: renewing it" and record.error is None:
            renewed.set()

    anna.connection.watch(lambda _: None, on_call)
    with anna.lock(seconds=0.3) as lock:
        assert renewed.wait(30)

    assert lock.lost is None
    assert anna.calls().count("PutObject InvalidRequest") == 3


# Losing it.


def test_a_loss_is_noticed_in_the_background_and_stops_the_tool(anna: Operator, ben: Operator) -> None:
    with expect_loss(anna.lock(seconds=0.03)) as lock, ben.lock(take_over=True):
        assert anna.clock._stop.wait(30)

    assert lock.lost is not None
    assert lock.lost.message.startswith("Ben has taken over the lock of this run, at 20")


def test_a_lock_is_taken_over_only_when_asked_to_and_the_first_is_stopped(anna: Operator, ben: Operator) -> None:
    mine = anna.lock()

    def apply() -> None:
        with mine, ben.lock(take_over=True):
            with pytest.raises(LockedError):
                mine.renew()
            assert anna.clock.stopped
            assert ben.held().holder.owner == "Ben"
            # Whoever waits, waits no longer.
            anna.clock.wait(1)

    with pytest.raises(LockedError, match="Ben has taken over the lock of this run") as lost:
        apply()

    assert mine.lost is lost.value
    assert "run it again" in lost.value.remedy


def test_what_is_no_longer_ours_is_not_given_back(anna: Operator, ben: Operator) -> None:
    theirs = ben.lock(take_over=True)
    with pytest.raises(LockedError, match="Ben has taken over"), anna.lock():
        theirs.__enter__()

    assert ben.held().holder.owner == "Ben"
    theirs.__exit__(None, None, None)
    assert ben.read() is None


def test_a_lock_that_was_deleted_by_hand_is_lost(anna: Operator, aws: Aws) -> None:
    lock = anna.lock()
    lock.__enter__()
    aws.client("s3").delete_object(Bucket=BUCKET, Key="apply.lock")

    with pytest.raises(LockedError, match="Somebody has deleted the lock"):
        lock.renew()
    with pytest.raises(LockedError, match="Somebody has deleted the lock"):
        lock.__exit__(None, None, None)


def test_a_lock_that_was_overwritten_by_hand_is_lost(anna: Operator, aws: Aws) -> None:
    with expect_loss(anna.lock()) as lock:
        aws.client("s3").put_object(Bucket=BUCKET, Key="apply.lock", Body=b"mine")
        with pytest.raises(LockedError, match="no lock that this version can read"):
            lock.renew()
    assert anna.clock.stopped


def test_a_failure_is_not_hidden_by_the_loss_of_the_lock(anna: Operator, ben: Operator) -> None:
    with ben.lock(take_over=True) as theirs, pytest.raises(LockedError), anna.lock():
        pass
    with pytest.raises(ZeroDivisionError), anna.lock() as lock, ben.lock(take_over=True):
        raise ZeroDivisionError

    assert theirs.lost is None
    # Ben has given it back before Anna could see him.
    assert lock.lost is None


def test_of_two_who_break_a_lock_the_second_sees_the_first(anna: Operator, ben: Operator, aws: Aws) -> None:
    cleo = Operator("Cleo", aws)
    crashed = anna.lock()
    crashed.__enter__()
    crashed._over.set()
    theirs = ben.lock(take_over=True)
    looks = 0

    def between_look_and_write() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            cleo.interceptions["PutObject"] = between_look_and_write
        else:
            theirs.__enter__()

    cleo.interceptions["PutObject"] = between_look_and_write
    with pytest.raises(LockedError, match="Ben is applying"), cleo.lock(take_over=True):
        pass
    theirs.__exit__(None, None, None)


def test_no_write_leaves_once_the_lock_is_lost(anna: Operator, ben: Operator) -> None:
    lock = anna.lock()
    lock.__enter__()
    anna.write_something()
    with ben.lock(take_over=True):
        with pytest.raises(LockedError):
            lock.renew()
        anna.records.clear()
        for _ in range(2):
            with pytest.raises(LockedError, match="Ben has taken over"):
                anna.write_something()

    assert WRITTEN not in [record.operation for record in anna.records]
    with pytest.raises(LockedError):
        lock.__exit__(None, None, None)


def test_after_a_long_sleep_of_the_machine_the_first_write_makes_sure(anna: Operator, ben: Operator) -> None:
    with expect_loss(anna.lock()):
        pass_by(anna.aws, 86400)
        anna.write_something()
        assert [r.operation for r in anna.records if not r.read][-2:] == ["PutObject", WRITTEN]

        pass_by(anna.aws, 86400)
        anna.records.clear()
        with ben.lock(), pytest.raises(LockedError, match="Ben has taken over"):
            anna.write_something()
        assert anna.calls() == ["PutObject PreconditionFailed", "GetObject ok"]


def test_a_lock_that_cannot_be_renewed_is_lost_when_it_has_expired_and_not_before(anna: Operator) -> None:
    with expect_loss(anna.lock()) as lock:
        anna.fail("PutObject", *["InvalidRequest"] * 3)
        with pytest.raises(ClientError, match="InvalidRequest"):
            lock.renew()
        anna.write_something()
        pass_by(anna.aws, LEASE)
        with pytest.raises(LockedError, match="has expired, and cannot be renewed: PutObject: InvalidRequest"):
            anna.write_something()

    assert anna.clock.stopped


def test_a_write_that_was_refused_is_not_in_the_journal(anna: Operator, ben: Operator, tmp_path: Path) -> None:
    lock = anna.lock()
    journal = Journal(tmp_path, {})
    anna.connection.watch(journal.before_write, journal.after_call)

    with expect_loss(lock):
        anna.write_something()
        pass_by(anna.aws, LEASE)
        with ben.lock(take_over=True), pytest.raises(LockedError):
            anna.write_something()
    journal.end(1)

    (run,) = runs(tmp_path)
    assert run.unanswered == ()
    text = run.path.read_text()
    assert text.count(f"iam:{WRITTEN}") == 2
    assert "lock: taking it" in text


def test_a_lock_that_was_given_back_stops_no_write(anna: Operator, ben: Operator) -> None:
    with anna.lock():
        pass
    with ben.lock():
        pass_by(anna.aws, 2 * LEASE)
        anna.write_something()


def test_nobody_waits_for_the_background_on_the_wall_clock(aws: Aws) -> None:
    connection = Connection(HOME, WallClock())

    with Lock(connection, ORG, "Anna"):
        keepers = [thread for thread in threading.enumerate() if thread.name == "lock"]
        assert [keeper.daemon for keeper in keepers] == [True]

    assert not any(keeper.is_alive() for keeper in keepers)
