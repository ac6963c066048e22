/**
 * Limits of Azure Storage.
 * Sources: https://learn.microsoft.com/azure/storage/tables/scalability-targets and
 * https://learn.microsoft.com/azure/storage/queues/scalability-targets
 */

/** Operations in one table transaction, all in one partition. */
export const MAX_TRANSACTION_OPERATIONS = 100;

/** A string property holds 64 KiB of UTF-16, which is 32 Ki characters; a margin is left for the service's own count. */
export const MAX_STRING_PROPERTY_LENGTH = 31_000;

/** A queue message holds 64 KiB; as base64 that leaves 48 KiB of text, and a margin is left. */
export const MAX_QUEUE_MESSAGE_BYTES = 45 * 1024;
