/** Where other file systems begin that are none of this host's disks: nothing of theirs is looked at, and they can hang. */

/** Types of file systems that hold no files of this host: the kernel's own, and those over a network. */
const FOREIGN = new Set([
  ..."proc sysfs cgroup cgroup2 devpts debugfs tracefs securityfs configfs bpf pstore mqueue hugetlbfs".split(" "),
  ..."binfmt_misc efivarfs fusectl rpc_pipefs nsfs autofs".split(" "),
  ..."nfs nfs4 cifs smb3 smbfs 9p afs ceph glusterfs lustre ncpfs davfs fuse.sshfs fuse.s3fs fuse.rclone".split(" "),
]);

/** Mount points of such file systems, from the text of `/proc/self/mountinfo` (proc(5)). */
export function foreignMounts(text: string): Set<string> {
  const points = new Set<string>();
  for (const line of text.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    const point = before.split(" ")[4];
    const type = after.split(" ")[0] ?? "";
    if (point !== undefined && FOREIGN.has(type)) points.add(unescape(point));
  }
  return points;
}

/** Blanks and the like stand as octal numbers. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
