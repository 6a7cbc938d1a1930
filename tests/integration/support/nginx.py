# SPDX-License-Identifier: Apache-2.0
"""nginx in front of trackers: with a configuration of one test, in a folder of its own."""

import pathlib
import shutil

from support.process import Process

_STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"


def missing():
    """Why it cannot run here, or an empty text."""
    if shutil.which("nginx") is None and not pathlib.Path("/usr/sbin/nginx").exists():
        return "not installed: nginx-light"
    if not pathlib.Path(_STREAM_MODULE).exists():
        return "not installed: libnginx-mod-stream"
    return ""


def tls_proxy(listen, certificates, tracker):
    """For `http`: ends TLS and says in X-Forwarded-For who asks."""
    return f"""
    upstream tracker {{ server {tracker}; keepalive 8; }}
    server {{
        listen {listen} ssl;
        ssl_certificate {certificates.certificate};
        ssl_certificate_key {certificates.key};
        location / {{
            proxy_pass http://tracker;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}"""


def stream_proxy(listen, tracker):
    """For `stream`: passes bytes on, and says before them in the PROXY protocol whose they are."""
    return f"""
    server {{
        listen {listen};
        proxy_pass {tracker};
        proxy_protocol on;
    }}"""


class Nginx(Process):
    """May take a moment until it listens."""

    def __init__(self, folder, network, http="", stream=""):
        folder = pathlib.Path(folder)
        temporary = "\n".join(f"    {kind}_temp_path {folder}/{kind};" for kind in
                              ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        path = folder / "nginx.conf"
        path.write_text(f"""
load_module {_STREAM_MODULE};
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
    access_log off;
{temporary}
    {http}
}}
stream {{
    {stream}
}}
""")
        super().__init__(network.command(["/usr/sbin/nginx", "-c", path, "-p", folder]))
