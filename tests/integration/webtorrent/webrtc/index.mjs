// SPDX-License-Identifier: Apache-2.0
// WebRTC for WebTorrent in Node: the library of browsers, whose binary is inside its package.
import wrtc from '@roamhq/wrtc'

export const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = wrtc
export default wrtc
