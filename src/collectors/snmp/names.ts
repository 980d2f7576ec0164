/** Names of the numbers and identifiers that stand for something, as events tell them. */

/** Of ifAdminStatus. */
export const ADMIN_STATUS = { 1: "up", 2: "down", 3: "testing" };

/** Of ifOperStatus. */
export const OPER_STATUS = {
  1: "up",
  2: "down",
  3: "testing",
  4: "unknown",
  5: "dormant",
  6: "not_present",
  7: "lower_layer_down",
};

/** Of hrSWRunStatus. */
export const RUN_STATUS = { 1: "running", 2: "runnable", 3: "not_runnable", 4: "invalid" };

const HR_STORAGE_TYPES = "1.3.6.1.2.1.25.2.1";

/** Of hrStorageType. */
export const STORAGE_TYPES = {
  [`${HR_STORAGE_TYPES}.1`]: "other",
  [`${HR_STORAGE_TYPES}.2`]: "ram",
  [`${HR_STORAGE_TYPES}.3`]: "virtual_memory",
  [`${HR_STORAGE_TYPES}.4`]: "fixed_disk",
  [`${HR_STORAGE_TYPES}.5`]: "removable_disk",
  [`${HR_STORAGE_TYPES}.6`]: "floppy_disk",
  [`${HR_STORAGE_TYPES}.7`]: "compact_disc",
  [`${HR_STORAGE_TYPES}.8`]: "ram_disk",
  [`${HR_STORAGE_TYPES}.9`]: "flash_memory",
  [`${HR_STORAGE_TYPES}.10`]: "network_disk",
};

/** Of ifType, which IANAifType-MIB lists: those met in the field; any other is told by its number. */
export const INTERFACE_TYPES = {
  1: "other",
  6: "ethernet",
  23: "ppp",
  24: "loopback",
  37: "atm",
  53: "virtual",
  71: "wifi",
  117: "gigabit_ethernet",
  131: "tunnel",
  135: "vlan",
  136: "l3_vlan",
  161: "aggregate",
  209: "bridge",
};

/** Types of storage areas that fill up and stay so: no memory, no caches. */
export const STORAGE_TYPES_OF_FILES = ["fixed_disk", "removable_disk", "network_disk", "flash_memory", "ram_disk"];
