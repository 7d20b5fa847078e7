"""Routes: wraps each view once, so that whatever happens behind a door leaves it as the contract says."""

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import log
from chalicelib.domain.idempotency import Answered
from chalicelib.domain.problems import Problem
from chalicelib.edge.context import Door, Visit, bearer, current, request_id_of
from chalicelib.edge.cors import for_browsers
from chalicelib.edge.language import LANGUAGES, language_asked, language_of
from chalicelib.edge.public_routes import PUBLIC
from chalicelib.edge.responses import Answer, Sent, sent, told, with_header, with_words, without_words
from chalicelib.services.caller import Caller
from chalicelib.services.idempotency import Once
from chalicelib.world import Away, World

View = Callable[..., Answer]
ACCESS = "access"
REPLAYED = "Idempotent-Replayed"


class Replay(Exception):
    """This request was answered before: the same answer again."""

    def __init__(self, answered: Answered) -> None:
        self.answered = answered
        super().__init__("replay")


class Routes(Blueprint):
    """A file's doors. Guarded unless listed in PUBLIC; `right` names what an operator's door needs."""

    def __init__(
        self,
        import_name: str,
        world: Callable[[], World],
        authenticate: Callable[..., Caller],
        keep_answer: Callable[[World, Once, Answered], None],
        let_go: Callable[[World, Once], None],
        tag: str = "",
    ) -> None:
        super().__init__(import_name)
        self.tag = tag
        self.world = world
        self.authenticate = authenticate
        self._keep_answer = keep_answer
        self._let_go = let_go

    def get(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._door("GET", path, declared)

    def post(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._door("POST", path, declared)

    def put(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._door("PUT", path, declared)

    def patch(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._door("PATCH", path, declared)

    def delete(self, path: str, **declared: Any) -> Callable[[View], View]:
        return self._door("DELETE", path, declared)

    def language(self) -> str:
        """What the caller reads, by the request's headers: `en` or `ne`."""
        return current.get().language

    def claims(self) -> dict[str, Any]:
        """The token's claims, verified; the account behind them has not been looked at."""
        return dict(current.get().claims or {})

    def _door(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[View], View]:
        def register(view: View) -> View:
            door = Door(method, path, about=view.__doc__ or "", **{"tag": self.tag, **declared})

            def answer(**parts: str) -> Response:
                return self._answer(door, view, parts)

            answer.__name__ = view.__name__
            answer.__doc__ = view.__doc__
            answer.door = door  # type: ignore[attr-defined]
            # Every content type comes in: which ones are read, and how others are refused, is ours to say.
            self.route(path, methods=[method], content_types=[])(answer)
            return view

        return register

    def _answer(self, door: Door, view: View, parts: dict[str, str]) -> Response:
        started = time.perf_counter()
        world, request = self.world(), self.current_request
        visit = Visit(door, request, world, request_id_of(request, world), language_of(request))
        token = current.set(visit)
        try:
            one, code = self._answered(visit, view, parts)
        finally:
            current.reset(token)
        if one.status >= HTTPStatus.INTERNAL_SERVER_ERROR and visit.caller and visit.caller.once:
            # Told to come again, with the same key: this try must not hold that one up.
            with suppress(Problem):
                self._let_go(world, visit.caller.once)
        log.fact(
            "request",
            request_id=visit.request_id,
            method=door.method,
            path=door.path,
            status=one.status,
            code=code,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        return _response(for_browsers(with_header(one, "X-Request-Id", visit.request_id), request, world))

    def _answered(self, visit: Visit, view: View, parts: dict[str, str]) -> tuple[Sent, str]:
        """What goes out, and the code of the problem if it is one."""
        try:
            return self._served(visit, view, parts), ""
        except Replay as replay:
            headers = {"Content-Type": "application/json", "Cache-Control": "no-store", REPLAYED: "true"}
            return Sent(replay.answered.status, replay.answered.body, headers), ""
        except Problem as problem:
            return told(problem, visit.language, visit.request_id), problem.code
        except Away as away:
            busy = Problem("busy", retry_after_seconds=away.retry_after_seconds)
            return told(busy, visit.language, visit.request_id), "busy"
        except Exception as error:  # noqa: BLE001  nothing of a bug may leave this house but its number
            log.alarm("bug", request_id=visit.request_id, path=visit.door.path, error=_where(error))
            return told(Problem("internal_error"), visit.language, visit.request_id), "internal_error"

    def _served(self, visit: Visit, view: View, parts: dict[str, str]) -> Sent:
        guarded = visit.door.name not in PUBLIC
        if guarded:
            visit.claims = visit.world.tokens.read(bearer(visit.request), audience=ACCESS)
            if language_asked(visit.request) is None and visit.claims.get("lang") in LANGUAGES:
                visit.language = str(visit.claims["lang"])
        answer = view(**parts)
        if guarded and visit.caller is None:
            raise RuntimeError(f"{visit.door.name} never asked who calls")
        if answer.status not in visit.door.statuses:
            raise RuntimeError(f"{visit.door.name} does not declare status {answer.status}")
        one = sent(answer, visit.language, visit.header("if-none-match"))
        once = visit.caller.once if visit.caller else None
        if once is None or not visit.door.idempotent or not 200 <= one.status < 300:
            return one
        if once.kept is not None:
            return with_header(with_words(once.kept, one), REPLAYED, "true")
        self._keep_answer(visit.world, once, Answered(one.status, without_words(one, visit.door.words)))
        return one


def _where(error: Exception) -> str:
    """The kind of error and where it rose: never its text, which may quote what somebody sent."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return f"{type(error).__name__} at " + " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))


def _response(one: Sent) -> Response:
    return Response(one.body, headers=dict(one.headers), status_code=one.status)
