"""The greeting as a Flask application; gunicorn runs it: `gunicorn --bind 127.0.0.1:8080 flask_app:app`."""

import os
import time

from flask import Flask, Response

IO_WAIT_S = float(os.environ.get("IO_WAIT_MS", "0")) / 1000

app = Flask(__name__)


@app.get("/")
@app.get("/<name>")
def greet(name: str = "Anonymous") -> Response:
    if IO_WAIT_S > 0:
        time.sleep(IO_WAIT_S)
    return Response(f"Hello, {name}!", mimetype="text/plain")
