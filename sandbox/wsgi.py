"""What a WSGI server runs: `gunicorn sandbox.wsgi:app`, with settings from the environment."""

from sandbox.app import create_app
from sandbox.settings import from_env

app = create_app(from_env())
