// SPDX-License-Identifier: Apache-2.0
// What WebTorrent imports as webrtc-polyfill.
import wrtc from '@roamhq/wrtc'

export const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = wrtc
export default wrtc
