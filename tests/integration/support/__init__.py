# SPDX-License-Identifier: Apache-2.0
"""What the integration tests are made of: the tracker, its clients, torrents and networks."""
