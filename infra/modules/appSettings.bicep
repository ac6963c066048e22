import { TunableSettings } from 'tunableSettings.bicep'

@description('Required. The function app whose settings these are. They replace all that it had.')
param appName string

@description('Required. What may be tuned; an absent setting takes the default of the app.')
param settings TunableSettings

@description('Required. The tenant whose Defender is used.')
param defenderTenantId string

@description('Required. Which of Microsoft\'s clouds that tenant is in.')
@allowed(['global', 'gcc', 'gccHigh', 'dod'])
param defenderCloud string

@description('Optional. Where Defender for Endpoint keeps the data. Absent: the host for all regions.')
param defenderRegion string?

@description('Required. How the token for Defender is got.')
@allowed(['managedIdentity', 'federated', 'clientSecret', 'clientCertificate'])
param defenderCredential string

@description('Conditional. The client id of the Defender application. Required unless `defenderCredential` is managedIdentity.')
param defenderClientId string?

@description('Required. Under which name the vault keeps the secret of the Defender application.')
param defenderSecretName string

@description('Required. Under which name the vault keeps its certificate.')
param defenderCertificateName string

@description('Required. How the API registration proves itself when the app acts on behalf of people.')
@allowed(['federated', 'clientSecret', 'clientCertificate', 'off'])
param onBehalfOfCredential string

@description('Conditional. The client id of the API registration. Required unless `onBehalfOfCredential` is off.')
param onBehalfOfClientId string?

@description('Required. Under which name the vault keeps the secret of the API registration.')
param onBehalfOfSecretName string

@description('Required. Under which name the vault keeps its certificate.')
param onBehalfOfCertificateName string

@description('Required. What the token of the identity is for when it proves to be an application.')
param exchangeAudience string

@description('Optional. The public client as which people sign in at a terminal. Absent: there is none.')
param publicClientId string?

@description('Required. The client id of the app\'s identity.')
param identityClientId string

@description('Required. Where the vault is reached.')
param vaultUrl string

@description('Required. The name of the storage account.')
param storageAccountName string

@description('Required. Where its blobs are reached.')
param blobUrl string

@description('Required. Where its queues are reached.')
param queueUrl string

@description('Required. Where its tables are reached.')
param tableUrl string

@description('Required. Where the log goes.')
param applicationInsightsConnectionString string

@description('Optional. When alerts are pulled: six-field NCRONTAB, UTC. Absent: never, and the app does not miss it.')
param alertPullSchedule string?

@description('Optional. A Key Vault reference to the address where alerts are delivered. Absent: they stay in the queue `alerts`.')
param alertWebhookReference string?

@description('Required. Who may call.')
@allowed(['entra', 'functionKey'])
param callerAuth string

@description('Required. What tokens of callers are for: the client id of the API registration and its identifier URI.')
param callerAudiences string[]

@description('Required. The tenant whose callers are let in.')
param callerTenantId string

@description('Optional. Client ids of the only applications that may call. Absent: no such limit.')
param callerAllowedApplications string[]?

@description('Required. Where callers\' alerts are read, if anywhere.')
@allowed(['endpoint', 'graph', 'off'])
param alertsApi string

@description('Required. Where callers\' incidents are read, if anywhere.')
@allowed(['graph', 'xdr', 'off'])
param incidentsApi string

@description('Required. Which API runs hunting queries, if any.')
@allowed(['graph', 'endpoint', 'xdr', 'off'])
param huntingApi string

@description('Required. Functions that are switched off.')
param disabledFunctions string[]

var usesApplication = defenderCredential != 'managedIdentity'
var usesVault = !empty(intersection(
  [defenderCredential, onBehalfOfCredential],
  ['clientSecret', 'clientCertificate']
))
var usesFederation = contains([defenderCredential, onBehalfOfCredential], 'federated')

// One line for each setting that src/settings/definitions.ts knows. What is null or empty is left out, so that the app
// takes its own default, which stands in one place only.
var appSettings = {
  DEFENDER_TENANT_ID: defenderTenantId
  DEFENDER_CLOUD: defenderCloud
  DEFENDER_REGION: defenderRegion
  DEFENDER_CREDENTIAL: defenderCredential
  DEFENDER_CLIENT_ID: usesApplication ? defenderClientId : null
  DEFENDER_SECRET_NAME: defenderCredential == 'clientSecret' ? defenderSecretName : null
  DEFENDER_CERTIFICATE_NAME: defenderCredential == 'clientCertificate' ? defenderCertificateName : null
  ON_BEHALF_OF_CREDENTIAL: onBehalfOfCredential
  ON_BEHALF_OF_CLIENT_ID: onBehalfOfCredential == 'off' ? null : onBehalfOfClientId
  ON_BEHALF_OF_SECRET_NAME: onBehalfOfCredential == 'clientSecret' ? onBehalfOfSecretName : null
  ON_BEHALF_OF_CERTIFICATE_NAME: onBehalfOfCredential == 'clientCertificate'
    ? onBehalfOfCertificateName
    : null
  FEDERATED_AUDIENCE: usesFederation ? exchangeAudience : null
  KEY_VAULT_URL: usesVault ? vaultUrl : null
  PUBLIC_CLIENT_ID: publicClientId
  AZURE_CLIENT_ID: identityClientId
  AZURE_AUTHORITY_HOST: environment().authentication.loginEndpoint
  ALERT_PULL_SCHEDULE: alertPullSchedule
  ALERT_WEBHOOK_URL: alertWebhookReference
  CALLER_AUTH: callerAuth
  CALLER_AUDIENCE: join(callerAudiences, ',')
  CALLER_TENANT_ID: callerTenantId
  CALLER_ALLOWED_APPS: callerAllowedApplications == null ? null : join(callerAllowedApplications ?? [], ',')
  ALERTS_API: alertsApi == 'off' ? null : alertsApi
  INCIDENTS_API: incidentsApi == 'off' ? null : incidentsApi
  HUNTING_API: huntingApi == 'off' ? null : huntingApi
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__blobServiceUri: blobUrl
  AzureWebJobsStorage__queueServiceUri: queueUrl
  AzureWebJobsStorage__tableServiceUri: tableUrl
  AzureWebJobsStorage__clientId: identityClientId
}

// What the platform reads, and the app does not.
var platformSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  WEBSITE_AUTH_AAD_ALLOWED_TENANTS: callerTenantId
}

// Source: https://learn.microsoft.com/azure/azure-functions/disable-function
var switches = toObject(disabledFunctions, name => 'AzureWebJobs.${name}.Disabled', name => 'true')

var given = filter(
  items(union(appSettings, settings, platformSettings, switches)),
  entry => !empty(entry.value)
)

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: appName
}

resource config 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: toObject(given, entry => entry.key, entry => entry.value)
}
