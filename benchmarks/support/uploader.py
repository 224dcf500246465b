"""A simulated visitor who uploads a file on the Import screen, as the framework's page does."""

import uuid
from dataclasses import dataclass

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette import starlette_app_utils

from benchmarks.support.visitor import PATIENCE, Drawn, Visitor


@dataclass(slots=True)
class Uploader(Visitor):
    """One open Import screen."""

    async def upload(self, name: str, data: bytes) -> Drawn:
        """Upload a file and wait until the screen has drawn the result."""
        assert self.socket is not None  # noqa: S101 - only inside `async with`
        back_message = BackMsg()
        back_message.file_urls_request.request_id = uuid.uuid4().hex
        back_message.file_urls_request.session_id = self.session_id
        back_message.file_urls_request.file_names.append(name)
        await self.socket.send(back_message.SerializeToString())
        while True:
            message = ForwardMsg.FromString(await self.socket.recv(decode=False))
            if message.WhichOneof("type") == "file_urls_response":
                break
        urls = message.file_urls_response.file_urls[0]
        token = starlette_app_utils.generate_xsrf_token_string()
        async with httpx.AsyncClient(timeout=PATIENCE) as web:
            answer = await web.put(
                f"http://{self.address}{urls.upload_url}",
                files={"file": (name, data)},
                headers={
                    "x-xsrftoken": token,
                    "cookie": "; ".join(
                        f"{key}={value}"
                        for key, value in {**self.cookie, "_streamlit_xsrf": token}.items()
                    ),
                },
            )
            answer.raise_for_status()
        info = UploadedFileInfo(file_id=urls.file_id, name=name, size=len(data), file_urls=urls)
        return await self.click("import", chosen=(self.uploader, info))
