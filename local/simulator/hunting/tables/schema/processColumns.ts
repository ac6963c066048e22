/** The version information of the file that a process runs. */
export const initiatingProcessVersion = `
  InitiatingProcessVersionInfoCompanyName InitiatingProcessVersionInfoProductName
  InitiatingProcessVersionInfoProductVersion InitiatingProcessVersionInfoInternalFileName
  InitiatingProcessVersionInfoOriginalFileName InitiatingProcessVersionInfoFileDescription`;

/** The account that a process runs as. */
export const initiatingProcessAccount = `
  InitiatingProcessAccountDomain InitiatingProcessAccountName InitiatingProcessAccountSid
  InitiatingProcessAccountUpn InitiatingProcessAccountObjectId`;

/** The remote session that a process was started from. */
export const initiatingProcessSession = `
  InitiatingProcessSessionId:long IsInitiatingProcessRemoteSession:bool
  InitiatingProcessRemoteSessionDeviceName InitiatingProcessRemoteSessionIP`;

/** The remote session of a process that was created. */
export const createdProcessSession = `
  CreatedProcessSessionId:long IsProcessRemoteSession:bool ProcessRemoteSessionDeviceName ProcessRemoteSessionIP`;
