import io

from django.http import FileResponse, HttpRequest
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from projects.media import pieces


class StaticFiles(WhiteNoiseMiddleware):
    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> FileResponse:
        """In asynchronous pieces, too; where nothing is to be sent (304), of nothing."""
        response = WhiteNoiseMiddleware.serve(static_file, request)
        response.streaming_content = pieces(response.file_to_stream or io.BytesIO())
        return response
