"""A small OpenID Connect provider on a real socket: it knows one person, and asks no questions."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from typing import TYPE_CHECKING, Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.server.running import free_port
from tests.simulation import wait_until

if TYPE_CHECKING:
    from starlette.requests import Request

CLIENT, CLIENT_SECRET = "sora-compare-test", "the-client-secret-of-this-test"  # of this test alone


class IdentityProvider:
    """Discovery, authorization, token and keys.

    `email` is who logs in next, `is_confirmed` what is said of the address (None for nothing); `logins` counts those
    there were.
    """

    def __init__(self, email: str) -> None:
        self.email = email
        self.is_confirmed: bool | None = True
        self.logins = 0
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
        self._asked: dict[str, Any] = {}
        routes = [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
        ]
        config = uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=self.port, log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started)

    def close(self) -> None:
        """Stop answering."""
        self._server.should_exit = True
        self._thread.join()

    def _discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    def _authorize(self, request: Request) -> Response:
        self._asked = dict(request.query_params)
        return RedirectResponse(f"{self._asked['redirect_uri']}?code=once&state={self._asked['state']}", 303)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        if form["code"] != "once" or not self._is_same_browser(str(form.get("code_verifier", ""))):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        self.logins += 1
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": "1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600,
            "nonce": self._asked.get("nonce"),
            "email": self.email,
        }
        if self.is_confirmed is not None:
            claims["email_verified"] = self.is_confirmed
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self._key)
        return JSONResponse({"access_token": "unused", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def _is_same_browser(self, verifier: str) -> bool:
        """PKCE, where the client uses it."""
        if "code_challenge" not in self._asked:
            return True
        digest = hashlib.sha256(verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self._asked["code_challenge"]

    def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})
