"""Amazon S3, whose calls moto does not answer through `call_action`: they are carried too.

S3 is strongly consistent, so its reads do not lag: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from moto.s3.responses import S3Response

from sra_bootstrap.sandbox.extension import Answer, Exchange, carried
from sra_bootstrap.sandbox.faults import AwsFault


class _S3Exchange(Exchange):
    """One call of S3; what comes before it takes effect is the matter of `services.s3`."""

    def proceed(
        self,
        parameters: Mapping[str, Any] | None = None,  # noqa: ARG002 (only batches are changed, and S3 has none)
        amend: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,  # noqa: ARG002
    ) -> Answer:
        """Let the call take effect, as it was sent."""
        answer = self._moto_answers(self._response)
        self.admitted = answer[0] < 400
        return answer

    def refuse(self, fault: AwsFault) -> Answer:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses."""
        told = f"<Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message><RequestId></RequestId>"
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{told}</Error>'
        return self.renewed((400, {"content-type": "application/xml"}, body))


def _wrap(moto_answers: Callable[..., Answer]) -> Callable[..., Answer]:
    def answer(response: Any, request: Any, full_url: str, headers: Any) -> Answer:
        # moto does so itself, but only once the call is to take effect.
        response.setup_class(request)
        if response._get_action_from_method_and_request_uri(request) is None:  # noqa: SLF001 (moto has no public way)
            return moto_answers(response, request, full_url, headers)
        return carried(_S3Exchange(response, lambda again: moto_answers(again, request, full_url, headers)))

    return answer


S3Response.bucket_response = _wrap(S3Response.bucket_response)
S3Response.key_response = _wrap(S3Response.key_response)
