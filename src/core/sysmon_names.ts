/**
 * What ECS calls what Sysmon (and Sigma, which has its names) tells of a process, a connection, a file and a question. Read by
 * what makes events of Windows' records and by what maps Sigma's fields, so that the two cannot differ.
 */

type Names = Readonly<Record<string, string>>;

/** What each of Sysmon's records has of the process that did it. */
const ACTOR: Names = {
  Image: "process.executable",
  ProcessId: "process.pid",
  ProcessGuid: "process.entity_id",
  User: "user.name",
};

/** Of the start and end of a process. */
export const SYSMON_PROCESS: Names = {
  ...ACTOR,
  CommandLine: "process.command_line",
  CurrentDirectory: "process.working_directory",
  OriginalFileName: "process.pe.original_file_name",
  Company: "process.pe.company",
  Description: "process.pe.description",
  Product: "process.pe.product",
  FileVersion: "process.pe.file_version",
  ParentImage: "process.parent.executable",
  ParentCommandLine: "process.parent.command_line",
  ParentProcessId: "process.parent.pid",
  ParentProcessGuid: "process.parent.entity_id",
};

/** Of a connection. */
export const SYSMON_NETWORK: Names = {
  ...ACTOR,
  SourceIp: "source.ip",
  SourcePort: "source.port",
  SourceHostname: "source.domain",
  DestinationIp: "destination.ip",
  DestinationPort: "destination.port",
  DestinationHostname: "destination.domain",
  Protocol: "network.transport",
};

/** Of a file. */
export const SYSMON_FILE: Names = { ...ACTOR, TargetFilename: "file.path" };

/** Of a question to the domain name system. */
export const SYSMON_DNS: Names = { ...ACTOR, QueryName: "dns.question.name", QueryResults: "dns.answers.data" };
