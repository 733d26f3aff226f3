"""How a client is made: keys, site, address, options."""

import asyncio
import contextlib
import copy
import math
import pickle
import ssl
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx2
import pytest

from datadog_servicenow_tickets import (
    AsyncClient,
    Client,
    ClientClosedError,
    ConfigurationError,
    MissingCredentialsError,
    NotSentError,
    Site,
)
from datadog_servicenow_tickets._network import http as _http
from servicenow_contract.contract.fragment import Fragment
from tests.client.calls import (
    API_HEADER,
    API_KEY,
    APP_HEADER,
    APP_KEY,
    CASE,
    CLIENTS,
    ELSEWHERE,
    KEYS,
    MODES,
    REQUEST,
    Kind,
    Network,
    answering,
    call,
)

_LIMITS = ("max_connections", "max_keepalive_connections", "keepalive_expiry")


_PROXIES = [
    variable
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
    for variable in (name, name.lower())
]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DD_API_KEY", "DD_APP_KEY", "DD_SITE", "SSL_CERT_FILE", "SSL_CERT_DIR", *_PROXIES):
        monkeypatch.delenv(name, raising=False)


def _sent(**options: Any) -> httpx2.Request:
    """The request that a client with these options sends."""
    handler, requests = answering(httpx2.Response(200, json=CASE))
    call("sync", handler, **options)
    return requests[0]


def test_sites_are_the_contracts(contract: Fragment) -> None:
    """`Site` has exactly the sites of the fragment."""
    assert {site.value for site in Site} == set(contract.sites)


@pytest.mark.parametrize("site", [*Site, *(site.value for site in Site)])
def test_site_gives_the_address(site: Site | str, contract: Fragment) -> None:
    """A site, by name or string, is asked at the documented address."""
    request = _sent(site=site)
    assert str(request.url) == f"https://api.{site}{contract.path}"
    assert request.headers["Host"] == f"api.{site}"


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and site come from the environment."""
    monkeypatch.setenv("DD_API_KEY", "env-api-key")
    monkeypatch.setenv("DD_APP_KEY", "env-app-key")
    monkeypatch.setenv("DD_SITE", ELSEWHERE)
    request = _sent(api_key=None, app_key=None)
    assert request.headers[API_HEADER] == "env-api-key"
    assert request.headers[APP_HEADER] == "env-app-key"
    assert request.url.host == f"api.{ELSEWHERE}"


def test_arguments_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument wins over the environment."""
    for name in ("DD_API_KEY", "DD_APP_KEY"):
        monkeypatch.setenv(name, "env-key")
    monkeypatch.setenv("DD_SITE", ELSEWHERE)
    request = _sent(site=Site.US1)
    assert request.headers[API_HEADER] == API_KEY
    assert request.headers[APP_HEADER] == APP_KEY
    assert request.url.host == f"api.{Site.US1}"


def test_empty_site_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty DD_SITE counts as none."""
    monkeypatch.setenv("DD_SITE", "")
    assert _sent().url.host == "api.datadoghq.com"


@CLIENTS
@pytest.mark.parametrize("argument", ["api_key", "app_key"])
@pytest.mark.parametrize("value", [None, ""])
def test_missing_key(kind: Kind, argument: str, value: str | None) -> None:
    """A missing key is refused at construction; the message names argument and variable."""
    with pytest.raises(MissingCredentialsError) as caught:
        kind(**{**KEYS, argument: value})
    assert argument in str(caught.value)
    assert f"DD_{argument.upper()}" in str(caught.value)
    assert isinstance(caught.value, ValueError | NotSentError)


@CLIENTS
def test_empty_argument(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty argument is a missing key, also when the environment holds one."""
    monkeypatch.setenv("DD_API_KEY", "env-api-key")
    with pytest.raises(MissingCredentialsError):
        kind(api_key="", app_key=APP_KEY)


@CLIENTS
@pytest.mark.parametrize("argument", ["api_key", "app_key"])
@pytest.mark.parametrize("bad", ["\n", "\r\nX: y", " ", "\x00", "é", "\u2028", "\x7f", "\ud800"])
def test_key_that_no_header_can_hold(kind: Kind, argument: str, bad: str) -> None:
    """A key with a blank, a control character or a character beyond ASCII is refused, unseen."""
    with pytest.raises(ConfigurationError) as caught:
        kind(**{**KEYS, argument: f"secret{bad}"})
    assert "secret" not in str(caught.value)


def test_key_of_any_other_character() -> None:
    """A key may hold every character of ASCII that shows, the first and the last included."""
    key = "".join(map(chr, range(ord("!"), ord("~") + 1)))
    assert _sent(api_key=key).headers[API_HEADER] == key


@CLIENTS
def test_key_of_another_type(kind: Kind) -> None:
    """A key that is not a string is refused."""
    with pytest.raises(ConfigurationError):
        kind(api_key=b"bytes", app_key="x")  # type: ignore[arg-type]  # on purpose


@CLIENTS
@pytest.mark.parametrize(
    "site",
    ["uk0.datadoghq.com", "app.datadoghq.com", "https://api.datadoghq.com", "DATADOGHQ.COM", "", 5],
)
def test_undocumented_site(kind: Kind, site: Any) -> None:
    """An undocumented site is refused; the message names the documented ones and base_url."""
    with pytest.raises(ConfigurationError) as caught:
        kind(**KEYS, site=site)
    assert all(documented in str(caught.value) for documented in Site)
    assert "base_url" in str(caught.value)


def test_undocumented_site_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says that the site came from DD_SITE."""
    monkeypatch.setenv("DD_SITE", "example.com")
    with pytest.raises(ConfigurationError, match="DD_SITE"):
        Client(**KEYS)


@CLIENTS
def test_site_and_base_url(kind: Kind) -> None:
    """`site` and `base_url` exclude each other."""
    with pytest.raises(ConfigurationError, match="exclude"):
        kind(**KEYS, site=ELSEWHERE, base_url="https://example.com")


_LONGEST = ".".join(["a" * 63] * 3 + ["b" * 61])
"""The longest name that a host can have (RFC 1035, section 2.3.4)."""


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://example.com", "https://example.com"),
        ("https://example.com/", "https://example.com"),
        ("https://example.com:8443/prefix/", "https://example.com:8443/prefix"),
        ("https://example.com/X", "https://example.com/X"),
        ("https://example.com/Prefix/x~1", "https://example.com/Prefix/x~1"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.8.9.1:1", "http://127.8.9.1:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        (f"https://{_LONGEST}", f"https://{_LONGEST}"),
    ],
)
def test_base_url(base_url: str, address: str, contract: Fragment) -> None:
    """Any https server is taken, http on loopback too; a path is kept."""
    assert str(_sent(base_url=base_url).url) == f"{address}{contract.path}"


@CLIENTS
@pytest.mark.parametrize(
    "base_url",
    [
        "http://example.com", "http://api.datadoghq.com", "http://localhost.example.com",
        "http://Xlocalhost", "http://127.0.0.1.example.com", "http://0.0.0.0", "http://10.0.0.1", "http://[::]",
        "ftp://127.0.0.1", "example.com", "//example.com", "https://", "https:///path", "", "/",
        "https://user@example.com", "https://user:hunter2@example.com", "https://example.com?x=1",
        "https://example.com?", "https://example.com/#x", "https://example.com#",
        "https://exa mple.com", "https://example.com:port", "https://example.com:99999", "https://[",
        "https://xn--\xff", "https://ex\u00e4mple.com", "https://example.com\\@evil.example",
        "https://999.999.999.999", "https://[::::]", "https://x:0", f"https://{'a' * 64}.com",
        "https://x..com", f"https://{_LONGEST}b",
        "https://[::1", "https://example.com\n", "https://example.com/\x00", 5, b"https://example.com",
    ],
)  # fmt: skip
def test_base_url_that_keys_must_not_go_to(kind: Kind, base_url: Any) -> None:
    """Anything but https, or http on loopback, is refused, as are user, query and fragment."""
    with pytest.raises(ConfigurationError) as caught:
        kind(**KEYS, base_url=base_url)
    assert "hunter2" not in str(caught.value)


_NO_SECONDS: list[Any] = [0, -1, None, "5", math.nan, math.inf, 1e10, 10**400, True, (5, 5)]
_NO_COUNTS: list[Any] = [-1, 1.5, None, True, "2", math.inf]
_NO_LIMITS: list[Any] = [0, -1, "5", 1.5, True]
_NO_TRUTHS: list[Any] = [None, 1, "no", [], 0.0]
_ARGUMENTS = [
    "api_key", "app_key", "site", "base_url", "timeout", "deadline", "max_retries", "proxy",
    "max_retry_wait", "retry_unknown_outcome", "transport", "verify", "limits", "trust_env",
    "event_hooks",
]  # fmt: skip


class _Awkward:
    """Whatever is asked of it, it raises."""

    def _fail(self, *_: object) -> Any:
        raise RuntimeError("hunter2")

    __eq__ = __bool__ = __len__ = __iter__ = __lt__ = __gt__ = __getitem__ = keys = _fail
    __hash__ = __str__ = __repr__ = _fail


_WRONG: list[tuple[str, Any]] = [
    *(("timeout", value) for value in _NO_SECONDS),
    *(("timeout", httpx2.Timeout(5.0, read=value)) for value in _NO_SECONDS[:-1]),
    *(("deadline", value) for value in _NO_SECONDS if value is not None),
    *(("max_retry_wait", value) for value in _NO_SECONDS if value != 0),
    *(("max_retries", value) for value in _NO_COUNTS),
    *(("retry_unknown_outcome", value) for value in _NO_TRUTHS),
    *(("trust_env", value) for value in _NO_TRUTHS),
    *(("verify", value) for value in [None, 1, "/nonexistent.pem", b"x", ("a", "b")]),
    *(("transport", value) for value in [5, "x", object(), httpx2.Client, httpx2.BaseTransport]),
    *(("proxy", value) for value in ["ftp://u:hunter2@x", "junk", "http://", "http://[::1", 5]),
    ("proxy", "http://u:hunter2@proxy:port"),
    *(("proxy", f"http://{host}") for host in ["a b", "x:0", "x:-1", "x..y", "a" * 64]),
    ("proxy", f"socks5://u:{'hunter2' * 40}@x"),
    *((argument, _Awkward()) for argument in _ARGUMENTS),
    ("verify", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)),
    ("limits", 5),
    ("limits", None),
    *(("limits", httpx2.Limits(max_connections=value)) for value in _NO_LIMITS),
    ("limits", httpx2.Limits(max_keepalive_connections=-1)),
    ("limits", httpx2.Limits(keepalive_expiry=math.nan)),
    *(
        ("event_hooks", value)
        for value in [5, [1], "request", {"request": print}, {"requset": [print]}, {"request": [1]}]
    ),
]


@CLIENTS
@pytest.mark.parametrize(("argument", "value"), _WRONG, ids=range(len(_WRONG)))
def test_option_that_cannot_be_used(kind: Kind, argument: str, value: Any) -> None:
    """An argument that cannot be used is one documented error that names it."""
    with pytest.raises(ConfigurationError) as caught:
        kind(**{**KEYS, argument: value})
    assert str(caught.value).startswith(f"{argument} ")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@CLIENTS
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value", ["ftp://u:hunter2@x", "http://[::1", "http://proxy:port", "http://", "http://x:99999"]
)
def test_proxy_variable_that_cannot_be_used(
    kind: Kind, variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is a variable of the environment."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"^{variable} ") as caught:
        kind(**KEYS)
    assert "hunter2" not in str(caught.value)


@CLIENTS
@pytest.mark.parametrize(
    "content", [None, b"", b"junk", bytes(100), b"-----BEGIN CERTIFICATE-----"]
)
def test_certificates_that_cannot_be_read(
    kind: Kind, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable that names certificates which cannot be read is told."""
    file = tmp_path / "certificates.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ConfigurationError, match=r"^SSL_CERT_FILE "):
        kind(**KEYS)
    assert kind(**KEYS, trust_env=False)
    assert kind(**KEYS, base_url="http://127.0.0.1:1")  # without TLS nobody reads them
    assert kind(**KEYS, transport=Network(answering()[0]))  # nor for another's connections


@CLIENTS
def test_folder_of_certificates_that_is_not_there(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is a folder that does not exist; one that does is taken."""
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError, match=r"^SSL_CERT_DIR "):
        kind(**KEYS)
    assert kind(**KEYS, trust_env=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert kind(**KEYS)


def test_file_for_keys_of_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that TLS cannot write its own keys to is told by its variable."""
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "nowhere" / "file"))
    with pytest.raises(ConfigurationError) as caught:
        Client(**KEYS)
    assert str(caught.value) == (
        "SSLKEYLOGFILE names a file that cannot be written: No such file or directory"
    )


@pytest.mark.parametrize(
    ("error", "told"), [(OSError("broken"), "broken"), (OSError(5, "no luck"), "no luck")]
)
def test_certificates_of_the_system(
    error: OSError, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else keeps certificates from being read is told too."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(_http, "ssl_context", fail)
    with pytest.raises(ConfigurationError) as caught:
        Client(**KEYS)
    assert str(caught.value) == f"verify names certificates that cannot be read: {told}"


@CLIENTS
def test_transport_and_proxy(kind: Kind) -> None:
    """`transport` and `proxy` exclude each other."""
    with pytest.raises(ConfigurationError, match="exclude"):
        kind(**KEYS, transport=Network(answering()[0]), proxy="http://x")


@CLIENTS
def test_unknown_option(kind: Kind) -> None:
    """An option that does not exist is a TypeError, as everywhere in Python."""
    with pytest.raises(TypeError):
        kind(**KEYS, retries=3)  # type: ignore[call-arg]  # on purpose


def test_default_timeouts() -> None:
    """5 s to connect and 30 s to read, write, and wait for a connection."""
    assert _sent().extensions["timeout"] == {
        "connect": 5.0,
        "read": 30.0,
        "write": 30.0,
        "pool": 30.0,
    }


@pytest.mark.parametrize(
    ("timeout", "read"), [(7, 7), (0.5, 0.5), (httpx2.Timeout(3.0, read=9.0), 9.0)]
)
def test_timeouts(timeout: Any, read: float) -> None:
    """Seconds hold for every step; an httpx2.Timeout is taken as it is."""
    assert _sent(timeout=timeout).extensions["timeout"]["read"] == read


def test_headers(contract: Fragment) -> None:
    """A request says what it is, what it takes, and who sends it."""
    headers = _sent().headers
    assert headers["Content-Type"] == contract.media_type
    assert headers["Accept"] == contract.media_type
    assert headers["Accept-Encoding"] == "gzip, deflate"
    assert headers["User-Agent"].startswith(
        f"datadog-servicenow-tickets/{version('datadog-servicenow-tickets')} "
    )
    assert {name: headers[name] for name in contract.key_headers.values()} == {
        API_HEADER: API_KEY,
        APP_HEADER: APP_KEY,
    }


@CLIENTS
@pytest.mark.parametrize(
    "options", [{"site": ELSEWHERE}, {"base_url": "https://example.com/secret-path"}]
)
def test_repr(kind: Kind, options: Any) -> None:
    """The repr shows the class and the host, nothing else."""
    client = kind(**KEYS, **options)
    host = f"api.{ELSEWHERE}" if "site" in options else "example.com"
    assert repr(client) == f"<{kind.__name__} for {host}>"


@CLIENTS
@pytest.mark.parametrize("copying", [pickle.dumps, copy.copy, copy.deepcopy])
def test_no_copies(kind: Kind, copying: Any) -> None:
    """A client is neither pickled nor copied, and says why."""
    with pytest.raises(TypeError, match=f"{kind.__name__} holds keys and connections"):
        copying(kind(**KEYS))


def test_closed_client() -> None:
    """A closed client says so, sends nothing, and cannot be opened again."""
    handler, requests = answering(httpx2.Response(200, json=CASE))
    client = Client(**KEYS, transport=httpx2.MockTransport(handler))
    assert client.is_closed is False
    client.close()
    client.close()
    assert client.is_closed is True
    with pytest.raises(ClientClosedError, match="closed"):
        client.attach_findings(**REQUEST)
    with pytest.raises(ClientClosedError), client:
        pytest.fail("not reached")
    assert "(closed)" in repr(client)
    assert not requests


async def _use_closed() -> None:
    client = AsyncClient(**KEYS)
    await client.aclose()
    assert client.is_closed
    with pytest.raises(ClientClosedError, match="closed"):
        await client.attach_findings(**REQUEST)
    with pytest.raises(ClientClosedError):
        await client.__aenter__()


def test_closed_async_client() -> None:
    """So does a closed asynchronous client."""
    asyncio.run(_use_closed())


@pytest.mark.parametrize("mode", MODES)
def test_closed_during_a_wait(mode: str) -> None:
    """A client that is closed while a call waits to repeat its request says so."""
    handler, requests = answering(httpx2.Response(429), httpx2.Response(200, json=CASE))

    def close_when_asleep(client: Any) -> None:
        async def sleep(_: float) -> None:
            await client.close()

        client._sleep = sleep if mode == "async" else lambda _: client.close()

    with pytest.raises(ClientClosedError):
        call(mode, handler, prepare=close_when_asleep)
    assert len(requests) == 1


def _proxy(client: Any) -> str | None:
    """The host of the proxy that a client goes through."""
    pool = client._via._pool
    return None if pool._proxy is None else pool._proxy.url.host.decode()


@CLIENTS
def test_proxy_of_the_environment(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment sees a request that goes to loopback without TLS."""
    monkeypatch.setenv("HTTP_PROXY", "http://plain:1")
    monkeypatch.setenv("ALL_PROXY", "all:1")
    assert _proxy(kind(**KEYS, base_url="http://127.0.0.1:2")) is None
    assert _proxy(kind(**KEYS)) == "all"
    monkeypatch.setenv("HTTPS_PROXY", "http://secure:1")
    assert _proxy(kind(**KEYS)) == "secure"
    assert _proxy(kind(**KEYS, trust_env=False)) is None
    assert _proxy(kind(**KEYS, base_url="https://xxxx")) == "secure"
    for mine in ("http://mine:1", httpx2.URL("http://mine:1"), httpx2.Proxy("http://mine:1")):
        assert _proxy(kind(**KEYS, proxy=mine)) == "mine"


@pytest.mark.parametrize(
    ("entry", "host", "is_named"),
    [
        ("*", "api.datadoghq.com", True),
        ("datadoghq.com", "api.datadoghq.com", True),
        (".datadoghq.com", "api.datadoghq.com", True),
        ("*.datadoghq.com", "api.datadoghq.com", True),
        ("API.datadoghq.com", "api.datadoghq.com", True),
        ("https://api.datadoghq.com", "api.datadoghq.com", True),
        ("api.datadoghq.com:443", "api.datadoghq.com", True),
        ("api.datadoghq.com:8443", "api.datadoghq.com", False),
        ("api.datadoghq.com:8443", "api.datadoghq.com:8443", True),
        ("doghq.com", "api.datadoghq.com", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.9.9.9/8", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:443", "10.1.2.3", True),
        ("[fd00::1]:443", "[fd00::1]", True),
        ("[fd00::1]:80", "[fd00::1]", False),
        ("xn--fiqs8s.com", "XN--fiqs8s.com", True),
        ("fd00::/8", "[fd00::1]", True),
        ("[fd00::1]", "[fd00::1]", True),
        ("::1", "[::1]", True),
        ("", "api.datadoghq.com", False),
        (".", "api.datadoghq.com", False),
        *((odd, "api.datadoghq.com", False) for odd in ("[::1", "[::1]", "fd00::/8", "a:b:c", "/")),
    ],
)
def test_hosts_that_need_no_proxy(
    entry: str, host: str, is_named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_PROXY names hosts, domains and networks; an entry that is none concerns no host."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", f"other.example,{entry} ,more.example")
    assert (_proxy(Client(**KEYS, base_url=f"https://{host}")) is None) is is_named


@CLIENTS
@pytest.mark.parametrize("limits", [(3, 2, 1.5), (1, 0, 0), (None, None, None)])
def test_limits(kind: Kind, limits: tuple[Any, Any, Any]) -> None:
    """The limits of httpx2 reach its pool."""
    given = dict(zip(_LIMITS, limits, strict=True))
    pool: Any = kind(**KEYS, limits=httpx2.Limits(**given))._via._pool
    found = [getattr(pool, f"_{name}") for name in _LIMITS]
    assert found == [
        sys.maxsize if each is None and "max" in name else each for name, each in given.items()
    ]


@pytest.mark.parametrize("length", [255, 256])
def test_longest_user_of_a_socks_proxy(length: int) -> None:
    """SOCKS tells a proxy of a user in 255 characters at most (RFC 1929)."""
    pytest.importorskip("socksio")
    with contextlib.nullcontext() if length == 255 else pytest.raises(ConfigurationError):
        Client(**KEYS, proxy=f"socks5://{'u' * length}:p@x")


def test_socks_needs_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, a SOCKS proxy is a documented error that says what to install."""
    monkeypatch.setitem(sys.modules, "socksio", None)
    with pytest.raises(ConfigurationError) as caught:
        Client(**KEYS, proxy="socks5://x")
    assert str(caught.value) == (
        "proxy is a SOCKS proxy, for which a package is missing: pip install 'httpx2[socks]'"
    )


@pytest.mark.parametrize("mode", MODES)
def test_event_hooks(mode: str) -> None:
    """Event hooks of httpx2 see request and response, and what they raise is passed on."""
    seen: list[str] = []

    def see(message: httpx2.Request | httpx2.Response) -> None:
        seen.append(type(message).__name__)
        request = message
        if isinstance(message, httpx2.Response):
            request = message.request
            assert message.elapsed.total_seconds() > 0
        assert b"a-finding" in request.content

    async def see_async(message: httpx2.Request | httpx2.Response) -> None:
        see(message)

    def fail(_: object) -> None:
        raise LookupError("mine")

    async def fail_async(_: object) -> None:
        raise LookupError("mine")

    hook = see if mode == "sync" else see_async
    handler, _ = answering(httpx2.Response(200, json=CASE))
    call(mode, handler, event_hooks={"request": [hook], "response": [hook]})
    assert seen == ["Request", "Response"]
    with pytest.raises(LookupError, match="mine"):
        call(mode, handler, event_hooks={"request": [fail if mode == "sync" else fail_async]})


def test_import_does_no_io() -> None:
    """Importing the package opens no file but modules, no connection."""
    code = """
import sys
def audit(event, args):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.system"):
        raise SystemExit(event)
    if event == "open" and not str(args[0]).endswith((".py", ".pyc", ".pth")):
        opened.append(str(args[0]))
opened = []
import httpx2, attrs
sys.addaudithook(audit)
import datadog_servicenow_tickets
print([name for name in opened if ".pyc" not in name])
"""
    done = subprocess.run(  # -B: where it was never imported before, Python writes its caches
        [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_import_is_light() -> None:
    """Importing the package loads no module that httpx2 and attrs have not loaded."""
    code = """
import sys, attrs, httpx2
before = set(sys.modules)
import datadog_servicenow_tickets
print(sorted(name for name in set(sys.modules) - before if not name.startswith("datadog_")))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )  # our own code
    assert done.stdout == "[]\n"
