import {
  createdProcessSession,
  initiatingProcessAccount,
  initiatingProcessSession,
  initiatingProcessVersion,
} from './processColumns.ts';
import { readColumns } from './readColumns.ts';

/*
 * One constant for each page: https://learn.microsoft.com/defender-xdr/advanced-hunting-<name>-table (August 2026;
 * DeviceEvents September 2024). `LogonID`, which the pages place inside AdditionalFields, is no column of its own.
 */

const event = 'Timestamp:datetime DeviceId DeviceName ActionType';
const file = 'FileName FolderPath SHA1 SHA256 MD5';
const hashes = 'InitiatingProcessSHA1 InitiatingProcessSHA256 InitiatingProcessMD5';
const command =
  'InitiatingProcessId:long InitiatingProcessCommandLine InitiatingProcessCreationTime:datetime';
const privilege = 'InitiatingProcessIntegrityLevel InitiatingProcessTokenElevation';
const parent =
  'InitiatingProcessParentId:long InitiatingProcessParentFileName InitiatingProcessParentCreationTime:datetime';

/** The tables of Defender for Endpoint. */
export const deviceTables = {
  DeviceInfo: readColumns(`
    Timestamp:datetime DeviceId DeviceName ClientVersion PublicIP OSArchitecture OSPlatform OSBuild:long
    IsAzureADJoined:bool JoinType AadDeviceId LoggedOnUsers RegistryDeviceTag OSVersion MachineGroup ReportId:long
    OnboardingStatus AdditionalFields DeviceCategory DeviceType DeviceSubtype Model Vendor OSDistribution OSVersionInfo
    MergedDeviceIds MergedToDeviceId IsInternetFacing:bool SensorHealthState IsExcluded:bool ExclusionReason
    ExposureLevel AssetValue DeviceManualTags DeviceDynamicTags ConnectivityType HostDeviceId AzureResourceId
    AwsResourceName GcpFullResourceName HardwareUuid CloudPlatforms AzureVmId AzureVmSubscriptionId IsTransient:bool
    OsBuildRevision MitigationStatus Site DiscoverySources DeviceRoles DlpInfo`),
  DeviceNetworkInfo: readColumns(`
    Timestamp:datetime DeviceId DeviceName NetworkAdapterName MacAddress NetworkAdapterType NetworkAdapterStatus
    TunnelType ConnectedNetworks DnsAddresses IPv4Dhcp IPv6Dhcp DefaultGateways IPAddresses ReportId:long
    NetworkAdapterVendor OnboardingStatus NetworkAdapterDnsSuffix`),
  DeviceProcessEvents: readColumns(`
    ${event} ${file} FileSize:long ProcessVersionInfoCompanyName ProcessVersionInfoProductName
    ProcessVersionInfoProductVersion ProcessVersionInfoInternalFileName ProcessVersionInfoOriginalFileName
    ProcessVersionInfoFileDescription ProcessId:long ProcessCommandLine ProcessIntegrityLevel ProcessTokenElevation
    ProcessCreationTime:datetime AccountDomain AccountName AccountSid AccountUpn AccountObjectId LogonId:long
    ${initiatingProcessAccount} InitiatingProcessLogonId:long ${privilege} ${hashes} InitiatingProcessFileName
    InitiatingProcessFileSize:long ${initiatingProcessVersion} ${command} InitiatingProcessFolderPath ${parent}
    InitiatingProcessSignerType InitiatingProcessSignatureStatus ReportId:long AppGuardContainerId AdditionalFields
    ${initiatingProcessSession} ${createdProcessSession} ProcessUniqueId InitiatingProcessUniqueId`),
  DeviceNetworkEvents: readColumns(`
    ${event} RemoteIP RemotePort:int RemoteUrl LocalIP LocalPort:int Protocol LocalIPType RemoteIPType ${hashes}
    InitiatingProcessFileName InitiatingProcessFileSize:long ${initiatingProcessVersion} ${command}
    InitiatingProcessFolderPath InitiatingProcessParentFileName InitiatingProcessParentId:long
    InitiatingProcessParentCreationTime:datetime ${initiatingProcessAccount} ${privilege} ReportId:long
    AppGuardContainerId AdditionalFields ${initiatingProcessSession} InitiatingProcessUniqueId`),
  DeviceFileEvents: readColumns(`
    ${event} ${file} FileOriginUrl FileOriginReferrerUrl FileOriginIP PreviousFolderPath PreviousFileName FileSize:long
    ${initiatingProcessAccount} InitiatingProcessMD5 InitiatingProcessSHA1 InitiatingProcessSHA256
    InitiatingProcessFolderPath InitiatingProcessFileName InitiatingProcessFileSize:long ${initiatingProcessVersion}
    ${command} ${privilege} ${parent} RequestProtocol RequestSourceIP RequestSourcePort:int RequestAccountName
    RequestAccountDomain RequestAccountSid ShareName SensitivityLabel SensitivitySubLabel
    IsAzureInfoProtectionApplied:bool ReportId:long AppGuardContainerId AdditionalFields ${initiatingProcessSession}
    InitiatingProcessUniqueId`),
  DeviceRegistryEvents: readColumns(`
    ${event} RegistryKey RegistryValueType RegistryValueName RegistryValueData PreviousRegistryKey
    PreviousRegistryValueName PreviousRegistryValueData ${initiatingProcessAccount} ${hashes} InitiatingProcessFileName
    InitiatingProcessFileSize:long ${initiatingProcessVersion} ${command} InitiatingProcessFolderPath ${parent}
    ${privilege} ReportId:long AppGuardContainerId ${initiatingProcessSession} InitiatingProcessUniqueId`),
  DeviceLogonEvents: readColumns(`
    ${event} LogonType AccountDomain AccountName AccountSid Protocol FailureReason IsLocalAdmin:bool LogonId:long
    RemoteDeviceName RemoteIP RemoteIPType RemotePort:int ${initiatingProcessAccount} ${privilege} ${hashes}
    InitiatingProcessFileName InitiatingProcessFileSize:long ${initiatingProcessVersion} ${command}
    InitiatingProcessFolderPath ${parent} ReportId:long AppGuardContainerId AdditionalFields
    ${initiatingProcessSession} InitiatingProcessUniqueId`),
  DeviceImageLoadEvents: readColumns(`
    ${event} ${file} FileSize:long ${initiatingProcessAccount} ${privilege} ${hashes} InitiatingProcessFileName
    InitiatingProcessFileSize:long ${initiatingProcessVersion} ${command} InitiatingProcessFolderPath ${parent}
    ReportId:long AppGuardContainerId ${initiatingProcessSession} InitiatingProcessUniqueId`),
  DeviceEvents: readColumns(`
    ${event} ${file} FileSize:long AccountDomain AccountName AccountSid RemoteUrl RemoteDeviceName ProcessId:long
    ProcessCommandLine ProcessCreationTime:datetime ProcessTokenElevation LogonId:long RegistryKey RegistryValueName
    RegistryValueData RemoteIP RemotePort:int LocalIP LocalPort:int FileOriginUrl FileOriginIP ${hashes}
    InitiatingProcessFileName InitiatingProcessFileSize:long InitiatingProcessFolderPath ${command}
    ${initiatingProcessAccount} ${initiatingProcessVersion} ${parent} InitiatingProcessLogonId:long ReportId:long
    AppGuardContainerId AdditionalFields ${initiatingProcessSession} ${createdProcessSession}`),
  DeviceFileCertificateInfo: readColumns(`
    Timestamp:datetime DeviceId DeviceName SHA1 IsSigned:bool SignatureType Signer SignerHash Issuer IssuerHash
    CertificateSerialNumber CrlDistributionPointUrls CertificateCreationTime:datetime CertificateExpirationTime:datetime
    CertificateCountersignatureTime:datetime IsTrusted:bool IsRootSignerMicrosoft:bool ReportId:long`),
} as const;
