"""The refusals of the API: a status, and an error object as clients of the real one know it."""

from __future__ import annotations

from starlette.responses import JSONResponse

INVALID_REQUEST = "invalid_request_error"


class Problem(Exception):
    """Raised by a route to answer with an error."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = INVALID_REQUEST,
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        """The answer to send."""
        return JSONResponse(self.body, status_code=self.status, headers=self.headers)


class InvalidValue(Problem):
    """A field whose value is refused."""

    def __init__(self, param: str, message: str, code: str = "invalid_value") -> None:
        super().__init__(400, message, param=param, code=code)


class NotAllowed(InvalidValue):
    """A value outside the allowed ones, which the message names."""

    def __init__(self, param: str, value: object, allowed: tuple[object, ...]) -> None:
        named = ", ".join(f"'{one}'" for one in allowed)
        super().__init__(param, f"Invalid value: '{value}'. Supported values are: {named}.")


class NotServed(InvalidValue):
    """A form that this model does not take."""

    def __init__(self, param: str, model: str) -> None:
        super().__init__(param, f"'{param}' is not supported by the model '{model}'.", "unsupported_parameter")


class KeyMissing(Problem):
    """No key came with the request."""

    def __init__(self) -> None:
        super().__init__(401, "You didn't provide an API key. Send any key in the header 'Authorization: Bearer KEY'.")


class KeyInvalid(Problem):
    """The key is refused."""

    def __init__(self) -> None:
        super().__init__(401, "Incorrect API key provided. The simulator refuses keys that begin with 'sk-bad'.",
                         code="invalid_api_key")  # fmt: skip


class VideoUnknown(Problem):
    """No job has that id."""

    def __init__(self, video_id: str) -> None:
        super().__init__(404, f"Video with id '{video_id}' not found.", param="video_id", code="not_found")


class VideoNotReady(Problem):
    """The content of a job that has none yet."""

    def __init__(self, video_id: str, status: str) -> None:
        super().__init__(
            404,
            f"Video with id '{video_id}' is not ready yet, use GET /v1/videos/{{video_id}} to check: its status is "
            f"'{status}'.",
            param="video_id",
            code="video_not_ready",
        )


class VideoExpired(Problem):
    """The content of a job whose files are gone."""

    def __init__(self, video_id: str) -> None:
        super().__init__(404, f"The content of video '{video_id}' has expired.", param="video_id", code="video_expired")


class TooManyJobs(Problem):
    """More unfinished jobs than allowed."""

    def __init__(self, limit: int, retry_after_s: int) -> None:
        super().__init__(
            429,
            f"Rate limit reached: {limit} videos are being made. Please try again in {retry_after_s}s.",
            kind="rate_limit_error",
            code="rate_limit_exceeded",
            headers={"retry-after": str(retry_after_s)},
        )
