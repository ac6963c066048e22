import { readColumns } from './readColumns.ts';

/** Tables of other products. Sources as in `deviceTables.ts`. */
export const otherTables = {
  AlertInfo: readColumns(`
    Timestamp:datetime AlertId Title Category Severity ServiceSource DetectionSource AttackTechniques`),
  AlertEvidence: readColumns(`
    Timestamp:datetime AlertId Title Categories AttackTechniques ServiceSource DetectionSource EntityType EvidenceRole
    EvidenceDirection FileName FolderPath SHA1 SHA256 FileSize:long ThreatFamily RemoteIP RemoteUrl AccountName
    AccountDomain AccountSid AccountObjectId AccountUpn DeviceId DeviceName LocalIP NetworkMessageId EmailSubject
    Application ApplicationId:int OAuthApplicationId ProcessCommandLine RegistryKey RegistryValueName RegistryValueData
    AdditionalFields Severity CloudResource CloudPlatform ResourceType ResourceID SubscriptionId`),
  IdentityLogonEvents: readColumns(`
    Timestamp:datetime ActionType Application LogonType Protocol FailureReason AccountName AccountDomain AccountUpn
    AccountSid AccountObjectId AccountDisplayName DeviceName DeviceType OSPlatform IPAddress Port:int
    DestinationDeviceName DestinationIPAddress DestinationPort:int TargetDeviceName TargetAccountDisplayName Location
    Isp ReportId AdditionalFields:dynamic`),
  IdentityInfo: readColumns(`
    Timestamp:datetime ReportId AccountObjectId AccountUpn OnPremSid AccountDisplayName AccountName AccountDomain
    CriticalityLevel:int Type DistinguishedName CloudSid GivenName Surname Department JobTitle EmailAddress
    SipProxyAddress Address City Country IsAccountEnabled:bool Manager Phone CreatedDateTime:datetime ChangeSource
    BlastRadius CompanyName DeletedDateTime:datetime EmployeeId OtherMailAddresses:dynamic RiskLevel RiskLevelDetails
    State Tags:dynamic AssignedRoles:dynamic PrivilegedEntraPimRoles:dynamic TenantId SourceSystem OnPremObjectId
    TenantMembershipType RiskStatus UserAccountControl IdentityEnvironment SourceProviders:dynamic
    GroupMembership:dynamic`),
  EmailEvents: readColumns(`
    Timestamp:datetime NetworkMessageId InternetMessageId SenderMailFromAddress SenderFromAddress SenderDisplayName
    SenderObjectId SenderMailFromDomain SenderFromDomain SenderIPv4 SenderIPv6 RecipientEmailAddress RecipientObjectId
    Subject EmailClusterId:long EmailDirection DeliveryAction DeliveryLocation ThreatTypes ThreatNames DetectionMethods
    ConfidenceLevel BulkComplaintLevel:int EmailAction EmailActionPolicy EmailActionPolicyGuid AuthenticationDetails
    AttachmentCount:int UrlCount:int EmailLanguage Connectors OrgLevelAction OrgLevelPolicy UserLevelAction
    UserLevelPolicy ReportId AdditionalFields LatestDeliveryLocation LatestDeliveryAction OriginalThreatTypes
    OriginalDetectionMethods OriginalConfidenceLevel DistributionList ExchangeTransportRule ForwardingInformation
    Context To Cc ThreatClassification RecipientDomain EmailSize:long IsFirstContact:int Topics`),
} as const;

/**
 * Tables that advanced hunting has and the simulator has not.
 *
 * Source: https://learn.microsoft.com/defender-xdr/advanced-hunting-schema-tables
 */
export const missingTables = `
  AADSignInEventsBeta AADSpnSignInEventsBeta AgentsInfo AIAgentsInfo BehaviorEntities BehaviorInfo CallActivityEvents
  CampaignInfo CloudAppEvents CloudAuditEvents CloudDnsEvents CloudPolicyEnforcementEvents CloudProcessEvents
  CloudStorageAggregatedEvents DataSecurityBehaviors DataSecurityEvents DeviceBaselineComplianceAssessment
  DeviceBaselineComplianceAssessmentKB DeviceBaselineComplianceProfiles DeviceTvmBrowserExtensions
  DeviceTvmBrowserExtensionsKB DeviceTvmCertificateInfo DeviceTvmHardwareFirmware DeviceTvmInfoGathering
  DeviceTvmInfoGatheringKB DeviceTvmSecureConfigurationAssessment DeviceTvmSecureConfigurationAssessmentKB
  DeviceTvmSoftwareEvidenceBeta DeviceTvmSoftwareInventory DeviceTvmSoftwareVulnerabilities
  DeviceTvmSoftwareVulnerabilitiesKB DisruptionAndResponseEvents EmailAttachmentInfo EmailPostDeliveryEvents
  EmailUrlInfo EntraIdSignInEvents EntraIdSpnSignInEvents ExposureGraphEdges ExposureGraphNodes FileMaliciousContentInfo
  GraphAPIAuditEvents GraphApiAuditEvents IdentityAccountInfo IdentityDirectoryEvents IdentityEvents IdentityQueryEvents
  MessageContents MessageEvents MessagePostDeliveryEvents MessageUrlInfo OAuthAppInfo UrlClickEvents`
  .trim()
  .split(/\s+/);

/**
 * Functions that advanced hunting adds to KQL.
 *
 * Sources: https://learn.microsoft.com/defender-xdr/advanced-hunting-fileprofile-function and its neighbours
 */
export const missingFunctions = ['AssignedIPAddresses', 'DeviceFromIP', 'FileProfile', 'SeenBy'];
