import { TunableSettings } from 'tunableSettings.bicep'

@description('Required. The function app whose settings these are. They replace all that it had.')
param appName string

@description('Required. What may be tuned; an absent setting takes the default of the app.')
param settings TunableSettings

@description('Required. The tenant whose Defender is used.')
param defenderTenantId string

@description('Required. How the token for Defender is got.')
@allowed(['managedIdentity', 'clientSecret'])
param defenderCredential string

@description('Conditional. The client id of the Defender application. Required unless `defenderCredential` is managedIdentity.')
param defenderClientId string?

@description('Required. Under which name the vault keeps the secret of the Defender application.')
param defenderSecretName string

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

@description('Required. Which API runs hunting queries, if any.')
@allowed(['graph', 'endpoint', 'xdr', 'off'])
param huntingApi string

@description('Required. Functions that are switched off.')
param disabledFunctions string[]

var usesApplication = defenderCredential != 'managedIdentity'
var usesSecret = defenderCredential == 'clientSecret'

// One line for each setting that src/settings/definitions.ts knows. What is null or empty is left out, so that the app
// takes its own default, which stands in one place only.
var appSettings = {
  DEFENDER_TENANT_ID: defenderTenantId
  DEFENDER_CREDENTIAL: defenderCredential
  DEFENDER_CLIENT_ID: usesApplication ? defenderClientId : null
  DEFENDER_SECRET_NAME: usesSecret ? defenderSecretName : null
  KEY_VAULT_URL: usesSecret ? vaultUrl : null
  AZURE_CLIENT_ID: identityClientId
  AZURE_AUTHORITY_HOST: environment().authentication.loginEndpoint
  ALERT_PULL_SCHEDULE: alertPullSchedule
  ALERT_WEBHOOK_URL: alertWebhookReference
  CALLER_AUTH: callerAuth
  CALLER_AUDIENCE: join(callerAudiences, ',')
  CALLER_TENANT_ID: callerTenantId
  CALLER_ALLOWED_APPS: callerAllowedApplications == null ? null : join(callerAllowedApplications ?? [], ',')
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
