// SPDX-License-Identifier: Apache-2.0
// What the pages of the manual say besides what command line and settings tell of themselves.
#pragma once
#include "process/manual.h"

namespace aquatic {

inline constexpr process::ManualItem kTrackerSignals[] = {
    {"SIGTERM, SIGINT",
     "Stops: responses at hand are sent, and the exit status is 0. A second one ends the process "
     "at once."},
    {"SIGUSR1",
     "Reads settings, access list, certificate and private key again. What can change without a "
     "restart is adopted, and the log names what cannot. A file with a fault changes nothing."},
};

inline constexpr process::ManualItem kLoadTestSignals[] = {
    {"SIGTERM, SIGINT",
     "Ends the measurement, and reports what there is. A second one ends the process at once."},
};

inline constexpr process::ManualItem kFiles[] = {
    {"/etc/aquatic/aquatic.toml", "The settings of the service aquatic.service."},
    {"/etc/aquatic/PROGRAM.toml",
     "Those of the service aquatic@PROGRAM.service, where PROGRAM is udp, http or ws."},
    {"/var/lib/aquatic",
     "The working directory of these services, where relative paths in the settings start."},
};

inline constexpr process::ManualSection kTrackerManual[] = {
    {"SIGNALS", kTrackerSignals},
    {"FILES", kFiles},
};

inline constexpr process::ManualSection kLoadTestManual[] = {
    {"SIGNALS", kLoadTestSignals},
};

}  // namespace aquatic
