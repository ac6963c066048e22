import type { LogFields, Logger } from '../runtime/Logger.ts';

/** A logger whose every line names the tenant that it is about. */
export function withTenant(logger: Logger, tenantId: string): Logger {
  const about = (fields: LogFields | undefined) => ({ ...fields, tenantId });
  return {
    info: (event, fields) => {
      logger.info(event, about(fields));
    },
    warn: (event, fields) => {
      logger.warn(event, about(fields));
    },
    error: (event, fields) => {
      logger.error(event, about(fields));
    },
  };
}
