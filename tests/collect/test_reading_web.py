"""Fetching from a real server on bad days: busy, broken off, slow, gone, changed, unchanged, refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from barograph.collect.reading import read_table
from barograph.collect.reading.web import Web, heard_by
from barograph.core.errors import DataError, SettingError, StorageError
from collect.small_server import Answer, Site, serving

TABLE = b"date,rate\n2020-01-01,1.5\n2020-01-02,\n2020-01-03,1.75\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as running:
        yield running


@dataclasses.dataclass
class Pauses:
    """Remembers how long a fetch would have waited, and does not wait."""

    seconds: list[float] = dataclasses.field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def web(tmp_path: Path, pauses: Pauses) -> Web:
    return Web(tmp_path / "cache", pause=pauses, gap=0.0)


def test_a_table_behind_an_address_is_read_like_a_file(site: Site, web: Web) -> None:
    site.answers["/rates.csv"] = [Answer(TABLE)]
    raw = read_table(f"{site.url}/rates.csv", web=web)
    assert raw.label == "rates.csv"
    assert raw.frame["rate"].to_list() == ["1.5", "", "1.75"]


def test_a_busy_server_is_asked_again_with_growing_pauses_and_its_own_wish_is_kept(
    site: Site, web: Web, pauses: Pauses
) -> None:
    site.answers["/t.csv"] = [
        Answer(b"", 503),
        Answer(b"", 500),
        Answer(b"", 429, {"retry-after": "7"}),
        Answer(TABLE),
    ]
    assert read_table(f"{site.url}/t.csv", web=web).frame.height == 3
    assert pauses.seconds == [0.5, 1.0, 7.0]


def test_a_server_that_stays_busy_or_asks_too_much_ends_in_an_error_that_says_so(
    site: Site, web: Web
) -> None:
    site.answers["/t.csv"] = [Answer(b"", 503)]
    with pytest.raises(StorageError, match=r"must answer; it answered 503"):
        read_table(f"{site.url}/t.csv", web=web)
    assert len(site.asked) == web.tries
    site.answers["/u.csv"] = [Answer(b"", 429, {"retry-after": "86400"})]
    with pytest.raises(StorageError, match="asks to wait 86400 seconds"):
        read_table(f"{site.url}/u.csv", web=web)


def test_a_body_that_breaks_off_goes_on_where_it_stopped(site: Site, web: Web) -> None:
    body = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(5000))
    tag = {"etag": '"one"'}
    site.answers["/t.csv"] = [Answer(body, headers=tag, cut=20_000), Answer(body, headers=tag)]
    raw = read_table(f"{site.url}/t.csv", web=web)
    assert raw.frame["b"].to_list() == [str(i * i) for i in range(5000)]
    assert site.asked[1].headers["range"] == "bytes=20000-"


def test_what_changed_while_it_broke_off_is_fetched_anew(site: Site, web: Web) -> None:
    old, new = b"a,b\n" + b"1,1\n" * 3000, b"a,b\n" + b"2,2\n" * 3000
    site.answers["/t.csv"] = [
        Answer(old, headers={"etag": '"x"'}, cut=5_000),
        Answer(new, headers={"etag": '"y"'}),
    ]
    assert set(read_table(f"{site.url}/t.csv", web=web).frame["a"].to_list()) == {"2"}


def test_a_server_that_always_breaks_off_never_passes_for_a_short_table(site: Site, web: Web) -> None:
    site.answers["/t.csv"] = [Answer(TABLE, cut=30)]
    with pytest.raises(StorageError, match="must answer"):
        read_table(f"{site.url}/t.csv", web=web)


def test_an_unchanged_table_is_not_sent_twice(site: Site, web: Web) -> None:
    site.answers["/t.csv"] = [Answer(TABLE, headers={"etag": '"v1"'})]
    first = read_table(f"{site.url}/t.csv", web=web)
    second = read_table(f"{site.url}/t.csv", web=web)
    assert second.frame.equals(first.frame)
    assert site.asked[1].headers["if-none-match"] == '"v1"'
    assert "unchanged since the last fetch" in second.notes


def test_offline_uses_the_cache_and_says_how_old_it_is(site: Site, web: Web) -> None:
    offline = dataclasses.replace(web, offline=True)
    with pytest.raises(StorageError, match="must be in the cache"):
        read_table(f"{site.url}/t.csv", web=offline)
    site.answers["/t.csv"] = [Answer(TABLE)]
    read_table(f"{site.url}/t.csv", web=web)
    asked = len(site.asked)
    raw = read_table(f"{site.url}/t.csv", web=offline)
    assert raw.frame.height == 3
    assert any("from the cache, " in note and "old (offline)" in note for note in raw.notes)
    assert len(site.asked) == asked


def test_content_that_was_altered_in_the_cache_is_not_used(site: Site, web: Web) -> None:
    site.answers["/t.csv"] = [Answer(TABLE, headers={"etag": '"v1"'})]
    read_table(f"{site.url}/t.csv", web=web)
    content = web.cache / "content" / hashlib.sha256(TABLE).hexdigest()
    content.write_bytes(b"date,rate\n2020-01-01,99\n")
    assert read_table(f"{site.url}/t.csv", web=web).frame.height == 3


def test_a_server_that_is_gone_is_an_error_that_names_the_copy(site: Site, web: Web) -> None:
    site.answers["/t.csv"] = [Answer(TABLE)]
    url = f"{site.url}/t.csv"
    with pytest.raises(StorageError) as first:
        read_table("http://127.0.0.1:9/t.csv", web=web)
    assert "BAROGRAPH_OFFLINE" not in str(first.value)
    read_table(url, web=web)
    site.answers["/t.csv"] = [Answer(b"", 503)]
    with pytest.raises(StorageError, match="BAROGRAPH_OFFLINE=1"):
        read_table(url, web=web)


def test_a_slow_drip_ends_at_the_deadline_and_is_resumed(site: Site, web: Web) -> None:
    tag = {"etag": '"slow"'}
    site.answers["/t.csv"] = [Answer(TABLE * 20, headers=tag, drip=0.02), Answer(TABLE * 20, headers=tag)]
    hurried = dataclasses.replace(web, deadline=0.2)
    with pytest.raises(StorageError, match=r"must come within 0 seconds|goes on where it stopped"):
        hurried.fetch(f"{site.url}/t.csv")
    path, _ = web.fetch(f"{site.url}/t.csv")
    assert path.read_bytes() == TABLE * 20
    assert "range" in site.asked[-1].headers


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_told_at_once_in_the_servers_words(site: Site, web: Web, status: int) -> None:
    site.answers["/t.csv"] = [Answer(b"not for you", status)]
    with pytest.raises(DataError, match=f"answered {status}.*not for you"):
        read_table(f"{site.url}/t.csv", web=web)
    assert len(site.asked) == 1


def fred(values: list[tuple[str, str]], *, count: int | None = None, offset: int = 0) -> bytes:
    rows = [
        {"realtime_start": "2020-01-01", "realtime_end": "2020-01-01", "date": d, "value": v}
        for d, v in values
    ]
    return json.dumps(
        {"count": count or len(rows), "offset": offset, "limit": 100000, "observations": rows}
    ).encode()


@pytest.fixture
def service(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("FRED_URL", f"{site.url}/fred")
    monkeypatch.setenv("ECB_URL", f"{site.url}/data")
    monkeypatch.setenv("FRED_API_KEY", "verysecret")
    return site


def test_fred_series_come_side_by_side_page_by_page_and_the_key_is_kept_nowhere(
    service: Site, web: Web
) -> None:
    service.answers["/fred/series/observations"] = [
        Answer(fred([("2020-01-01", "1.5"), ("2020-02-01", ".")], count=3)),
        Answer(fred([("2020-03-01", "2")], count=3, offset=2)),
        Answer(fred([("2020-02-01", "7")])),
    ]
    raw = read_table("fred://cpiaucsl,UNRATE?since=2020-01-01&vintage=2021-05-01", web=web)
    assert raw.frame.columns == ["date", "CPIAUCSL", "UNRATE"]
    assert raw.frame["CPIAUCSL"].to_list() == [1.5, None, 2.0]
    assert raw.frame["UNRATE"].to_list() == [None, 7.0, None]
    assert service.asked[0].query["api_key"] == "verysecret"
    assert service.asked[0].query["realtime_start"] == service.asked[0].query["realtime_end"] == "2021-05-01"
    assert service.asked[1].query["offset"] == "2"
    kept = [path.read_bytes() for path in web.cache.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"verysecret" in content for content in kept)
    assert "verysecret" not in " ".join((raw.label, *raw.notes))


def test_fred_without_a_key_with_a_wrong_key_or_with_an_odd_answer_says_what_to_do(
    service: Site, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = json.dumps({"error_code": 400, "error_message": "Bad Request. The value for variable api_key"})
    service.answers["/fred/series/observations"] = [Answer(refused.encode(), 400)]
    with pytest.raises(DataError, match="variable api_key") as error:
        read_table("fred://X", web=web)
    assert "verysecret" not in str(error.value)
    service.answers["/fred/series/observations"] = [Answer(b"<html>maintenance</html>")]
    with pytest.raises(DataError, match="observations of X"):
        read_table("fred://X", web=web)
    monkeypatch.delenv("FRED_API_KEY")
    with pytest.raises(SettingError, match="export FRED_API_KEY"):
        read_table("fred://X", web=web)
    with pytest.raises(SettingError, match="got 'colour'"):
        read_table("fred://X?colour=red", web=web)


ECB = b"""KEY,FREQ,CURRENCY,TIME_PERIOD,OBS_VALUE,TITLE
EXR.D.GBP.EUR.SP00.A,D,GBP,1999-01-05,0.7122,"Pound, daily"
EXR.D.GBP.EUR.SP00.A,D,GBP,1999-01-04,0.7111,"Pound, daily"
EXR.D.USD.EUR.SP00.A,D,USD,1999-01-04,1.1789,Dollar
EXR.D.USD.EUR.SP00.A,D,USD,1999-01-06,NaN,Dollar
"""


def test_the_ecbs_portal_gives_a_column_per_series_called_by_what_differs(service: Site, web: Web) -> None:
    service.answers["/data/EXR/D.USD+GBP.EUR.SP00.A"] = [Answer(ECB)]
    raw = read_table("ecb://EXR/D.USD+GBP.EUR.SP00.A?since=1999-01-04", web=web)
    assert raw.frame["date"].to_list() == ["1999-01-04", "1999-01-05", "1999-01-06"]
    assert raw.frame["GBP"].to_list() == [0.7111, 0.7122, None]
    assert service.asked[0].query == {"format": "csvdata", "startPeriod": "1999-01-04"}
    assert "source: ECB" in raw.notes


@pytest.mark.parametrize("address", ["ecb://EXR", "ecb://EXR/D.USD?colour=red"])
def test_an_ecb_address_that_is_not_complete_says_how_to_write_it(
    service: Site, web: Web, address: str
) -> None:
    with pytest.raises(SettingError, match="Write ecb://EXR/D"):
        read_table(address, web=web)


def test_an_answer_of_the_portal_without_observations_columns_is_refused(service: Site, web: Web) -> None:
    service.answers["/data/EXR/D.USD.EUR.SP00.A"] = [Answer(b"a,b\n1,2\n")]
    with pytest.raises(DataError, match="KEY is missing"):
        read_table("ecb://EXR/D.USD.EUR.SP00.A", web=web)


def test_whoever_listens_hears_how_far_a_fetch_has_come(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAROGRAPH_CACHE", str(tmp_path / "cache"))
    body = b"day,rate\n" + b"2020-01-01,1.5\n" * 40_000
    site.answers["/rates.csv"] = [Answer(body)]
    heard: list[tuple[int, int]] = []
    with heard_by(lambda done, total: heard.append((done, total))):
        assert read_table(f"{site.url}/rates.csv").frame.height == 40_000
    assert len(heard) > 1
    assert heard == sorted(heard)
    assert heard[-1] == (len(body), len(body))
    site.answers["/more.csv"] = [Answer(body)]
    read_table(f"{site.url}/more.csv")
    assert heard[-1] == (len(body), len(body))  # the block is over: nothing was added
    assert len({total for _, total in heard}) == 1
