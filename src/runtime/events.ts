/**
 * Everything the app logs, by event name. The sentence is fixed; what varies goes into fields.
 * Alert rules and workbooks select on the names, so a name is never reused for something else.
 */
export const events = {
  alert_pull_finished: 'Pull finished.',
  alert_pull_paused: 'Pull paused; the next run goes on from here.',
  alert_pull_skipped: 'Pull skipped; another run holds the checkpoint.',
  alert_pull_superseded: 'Pull stopped; another run took the checkpoint over.',
  alert_pull_failed: 'Pull failed; the checkpoint keeps everything that was not handed over.',
  tenants_pulled: 'A round over all tenants is over.',
  tenants_queued: 'Tenants are many; each was queued for a pull of its own.',
  tenant_message_dropped:
    'A tenant was not pulled for this message; the next round has a message of its own.',
  tenant_not_noted: 'How the pull of a tenant ended was not stored; its checkpoint has it.',
  tenant_row_untrusted: 'What is stored about a tenant cannot be right; nothing is done there.',
  consent_given: 'An administrator of a tenant consented.',
  consent_declined: 'An administrator of a tenant did not consent.',
  consent_rejected: 'Somebody came with an answer that no consent was asked for.',
  alert_window_partial: 'Defender answered only in part; the window stays open.',
  alert_gap_opened: 'A window keeps failing and was set aside; later runs read it again.',
  alert_gap_narrowed: 'A gap was narrowed; its halves are read on their own.',
  alert_gap_closed: 'A gap was read and is closed.',
  alert_gap_stuck: 'A gap cannot be read at its smallest size; alerts may be missing until it closes.',
  alert_without_evidence:
    'Alerts were handed over without evidence, because reading them with evidence keeps failing.',
  alert_invalid: 'An alert does not have the documented form; it was handed over as it is.',
  alert_quarantined: 'An alert cannot be handed over; it was put into the quarantine container.',
  alert_delivered: 'Alert delivered.',
  alert_stale: 'Alert not delivered; this version or a newer one was delivered before.',
  alert_delivery_failed: 'Alert not delivered; the queue tries again.',
  alert_poisoned: 'Alert not delivered after the last try; it lies in the poison queue.',
  defender_call_retried: 'A call to Defender failed and is tried again.',
  action_requested: 'Action accepted; Defender is asked next.',
  action_refused: 'Action refused; nothing was sent to Defender.',
  action_sending: 'Asking Defender for the action.',
  action_sent: 'Defender took the action.',
  action_joined: 'The action was open in Defender already; it is followed instead of asked for again.',
  action_outcome_unknown: 'Defender gave no usable answer; the action is looked for before anything else.',
  action_cancelled: 'An open action that would win over this one was cancelled.',
  action_not_cancelled:
    'An open action that would win over this one cannot be cancelled; its end is waited for.',
  action_check_failed: 'Defender cannot be asked about an action now; it is tried again.',
  action_ended: 'Action ended.',
  operations_followed: 'Open operations were followed.',
  hunt_finished: 'Hunt finished.',
  hunt_failed: 'Hunt failed.',
  hunting_api_retiring: 'HUNTING_API names an API that stops on 2027-02-01; set it to graph before.',
  caller_rejected: 'Caller rejected.',
  caller_unverified:
    'CALLER_AUTH is functionKey: callers cannot be told apart, and every key may do everything.',
  request_refused: 'Request refused.',
  request_failed: 'Request failed.',
  credential_secret_rotated:
    'Entra refused the secret or certificate; a newer version was read from Key Vault.',
  credential_expires: 'A secret or certificate in Key Vault expires soon, or has expired.',
} as const;

export type EventName = keyof typeof events;
