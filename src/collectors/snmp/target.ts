/** How messages, events and rules name where a device is asked. */

/** `10.0.0.1:161`, `[2001:db8::1]:161`. */
export function targetOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
