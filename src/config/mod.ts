/** The configuration: reading and checking it, and everything that is made from its schemas. */

export { type ConfigAccess, systemAccess } from "./access.ts";
export { fieldsPage } from "./fields_page.ts";
export { jsonSchema } from "./json_schema.ts";
export { isLoopback, type ListenAddress } from "./listen.ts";
export { CONFIG_PATHS, loadConfig, type LoadedConfig, type LoadOptions } from "./load.ts";
export { RESERVED_VARIABLES } from "./overrides.ts";
export { collectorSection, referencePage } from "./reference.ts";
export { configSchema, type WeirConfig } from "./schema.ts";
export { resolveSecret } from "./secrets.ts";
export { configTemplate, showConfig } from "./written.ts";
