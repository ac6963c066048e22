targetScope = 'subscription'

import { TunableSettings } from 'modules/tunableSettings.bicep'

@description('Required. The name of this deployment; everything is named and tagged after it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Required. The Azure region, one that offers Flex Consumption.')
@minLength(1)
param location string

@description('Optional. The tenant whose Defender is used, as a GUID. Absent: that of the subscription; another one needs an application and the consent of its administrator.')
@minLength(36)
@maxLength(36)
param defenderTenantId string?

@description('Optional. How the app signs in to Defender: by its identity, or as an application whose secret lies in the vault.')
@allowed(['managedIdentity', 'clientSecret'])
param defenderCredential string = 'managedIdentity'

@description('Conditional. The client id of the Defender application. Required if `deployRegistrations` is false and `defenderCredential` is not managedIdentity.')
@minLength(36)
@maxLength(36)
param defenderClientId string?

@description('Optional. True lets other tenants consent to the Defender application.')
param isDefenderApplicationMultiTenant bool = false

@description('Optional. False switches the pull of alerts off, and grants nothing for it.')
param pullAlerts bool = true

@description('Optional. When alerts are pulled: six-field NCRONTAB, UTC.')
@minLength(11)
param alertPullSchedule string = '0 * * * * *'

@description('Optional. False switches isolating and releasing off, and grants nothing for it.')
param actOnDevices bool = true

@description('Optional. Which API runs hunting queries; off switches hunting off, and grants nothing for it. endpoint and xdr stop on 2027-02-01.')
@allowed(['graph', 'endpoint', 'xdr', 'off'])
param huntingApi string = 'graph'

@description('Optional. Where alerts are delivered: any webhook. It is a secret, and is kept in the vault. Absent: they go to the playbook that isolates, or stay in the queue `alerts`.')
@secure()
param alertWebhookUrl string?

@description('Optional. Which playbooks are deployed.')
param playbooks Playbooks = {
  isolateOnHighSeverity: false
  huntIndicator: false
  releaseAfterApproval: false
}

@description('Optional. Where the playbooks post what came of it: any webhook. It is a secret.')
@secure()
param outcomeUrl string?

@description('Conditional. Where the playbook asks for an approval. It is a secret. Required if `releaseAfterApproval` is deployed.')
@secure()
param approvalUrl string?

@description('Optional. Who may call: whoever brings a token of Entra with the right role, or (not advised) whoever has a function key.')
@allowed(['entra', 'functionKey'])
param callerAuth string = 'entra'

@description('Optional. Client ids of the only applications that may call, besides the playbooks. Absent: whoever the API registration has assigned a role to.')
@maxLength(40)
param allowedCallerApplications string[]?

@description('Optional. False leaves everything out that needs rights in the directory: both registrations and all grants. docs/deploy.md says who makes them then, and how.')
param deployRegistrations bool = true

@description('Conditional. The client id of the API registration. Required if `deployRegistrations` is false and `callerAuth` is entra.')
@minLength(36)
@maxLength(36)
param apiClientId string?

@description('Conditional. The identifier URI of the API registration. Required if `deployRegistrations` is false and `callerAuth` is entra.')
@minLength(7)
param apiIdentifierUri string?

@description('Optional. Settings of the app that differ from its defaults.')
param settings TunableSettings = {}

@description('Optional. Memory of an instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Optional. How many instances may run at once.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Optional. How many instances always wait for callers, at a price; 0 lets the app scale to nothing.')
@minValue(0)
@maxValue(100)
param alwaysReadyHttpInstances int = 0

@description('Optional. True reaches storage and vault through private endpoints only. Operators then need a machine in that network.')
param privateNetwork bool = false

@description('Optional. True takes back the vault that a deletion of this deployment left behind.')
param recoverKeyVault bool = false

@description('Optional. Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionInDays int = 90

@description('Optional. Minutes without a finished pull after which somebody is told.')
@allowed([15, 30, 45, 60, 120, 180, 240, 300, 360])
param pullMissingMinutes int = 30

@description('Optional. Minutes by which the pull may lag before somebody is told.')
@minValue(5)
@maxValue(1440)
param pullLagMinutes int = 30

@description('Optional. Who is told, by e-mail. Absent: the rules show in the portal only.')
@minLength(5)
param alertEmail string?

@description('Optional. The resource id of an action group that is told as well.')
@minLength(1)
param alertActionGroupId string?

@description('Optional. The object id of the group that operates the app with `npm run checkpoint`, `guard` and `poison`. Absent: nobody but the app reaches its storage.')
@minLength(36)
@maxLength(36)
param operatorPrincipalId string?

@description('Optional. What the operator is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorPrincipalType string = 'Group'

@description('Optional. The object id of whoever deploys. With clientSecret it may write to the vault; otherwise it gets nothing.')
@minLength(36)
@maxLength(36)
param deployerPrincipalId string?

@description('Optional. What the deployer is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param deployerPrincipalType string = 'User'

@description('Which playbooks are deployed.')
type Playbooks = {
  @description('Isolates the device of an alert of high severity, once a hunt has confirmed it.')
  isolateOnHighSeverity: bool

  @description('Hunts a file hash, an address or a domain across devices.')
  huntIndicator: bool

  @description('Releases a device after an approval.')
  releaseAfterApproval: bool
}

var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))
var registrationName = 'defender-functions-${token}'
var defenderTenant = defenderTenantId ?? tenant().tenantId
var secretName = 'defender-client-secret'

var features = concat(
  pullAlerts ? ['pullAlerts'] : [],
  actOnDevices ? ['actOnDevices'] : [],
  huntingApi == 'graph' ? ['huntWithGraph'] : [],
  huntingApi == 'endpoint' ? ['huntWithEndpoint'] : [],
  huntingApi == 'xdr' ? ['huntWithXdr'] : []
)
var disabledFunctions = concat(
  pullAlerts ? [] : ['pullAlerts'],
  actOnDevices ? [] : ['isolateDevice', 'releaseDevice', 'findDevices', 'followOperations'],
  huntingApi == 'off' ? ['runHunt'] : []
)

// src/identity/permissions.ts says what each feature needs; what is switched off is filtered out and never granted.
var permissions = filter(loadJsonContent('permissions.json'), row => contains(features, row.feature))
var permittedResources = union(map(permissions, row => row.resourceAppId), [])

var usesApplication = defenderCredential != 'managedIdentity'
var deploysApplication = deployRegistrations && usesApplication
var deploysApi = deployRegistrations && callerAuth == 'entra'
// In another tenant its administrator grants them, by consenting to the application.
var deploysGrants = deployRegistrations && defenderTenant == tenant().tenantId
var deploysPlaybooks = playbooks.isolateOnHighSeverity || playbooks.huntIndicator || playbooks.releaseAfterApproval
// infra/playbooks/roles.json says what each playbook needs; what is switched off is filtered out here, too.
var rolesOfPlaybooks = loadJsonContent('playbooks/roles.json')
var neededRoles = union(
  playbooks.isolateOnHighSeverity ? rolesOfPlaybooks['isolate-on-high-severity'] : [],
  playbooks.huntIndicator ? rolesOfPlaybooks['hunt-indicator'] : [],
  playbooks.releaseAfterApproval ? rolesOfPlaybooks['release-after-approval'] : []
)
var playbooksRoles = intersection(
  neededRoles,
  concat(
    actOnDevices ? ['Defender.Read', 'Defender.Respond'] : [],
    huntingApi == 'off' ? [] : ['Defender.Hunt']
  )
)
var deliversToPlaybook = alertWebhookUrl == null && playbooks.isolateOnHighSeverity
var deliversToWebhook = alertWebhookUrl != null
var readsSecrets = defenderCredential == 'clientSecret' || deliversToPlaybook || deliversToWebhook

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  scope: group
  params: {
    appIdentityName: 'id-app-${token}'
    playbooksIdentityName: deploysPlaybooks ? 'id-playbooks-${token}' : null
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    isPrivate: privateNetwork
  }
}

module keyVault 'modules/keyVault.bicep' = {
  scope: group
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    isPrivate: privateNetwork
    isRecovered: recoverKeyVault
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-${token}'
    componentName: 'appi-${token}'
    location: location
    tags: tags
    retentionInDays: logRetentionInDays
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
  }
}

module storageEndpoints 'modules/privateEndpoint.bicep' = [
  for service in ['blob', 'queue', 'table']: if (privateNetwork) {
    scope: group
    params: {
      name: 'pe-${service}-${token}'
      location: location
      tags: tags
      targetId: storage.outputs.id
      service: service
      networkId: network!.outputs.id
      subnetId: network!.outputs.endpointSubnetId
    }
  }
]

module vaultEndpoint 'modules/privateEndpoint.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'pe-vault-${token}'
    location: location
    tags: tags
    targetId: keyVault.outputs.id
    service: 'vault'
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
  }
}

module appRoles 'modules/appRoles.bicep' = {
  scope: group
  params: {
    principalId: identities.outputs.appPrincipalId
    storageAccountName: storage.outputs.name
    componentName: monitoring.outputs.componentName
    vaultName: keyVault.outputs.name
    readsSecrets: readsSecrets
  }
}

module operatorRoles 'modules/operatorRoles.bicep' = {
  scope: group
  params: {
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
    vaultWriterPrincipalId: defenderCredential == 'clientSecret' ? deployerPrincipalId : null
    vaultWriterPrincipalType: deployerPrincipalType
    storageAccountName: storage.outputs.name
    vaultName: keyVault.outputs.name
  }
}

module functionApp 'modules/functionApp.bicep' = {
  scope: group
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    appTags: union(tags, { 'azd-service-name': 'api' })
    identityId: identities.outputs.appIdentityId
    packageUrl: storage.outputs.packageUrl
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyHttpInstances: alwaysReadyHttpInstances
    subnetId: privateNetwork ? network!.outputs.integrationSubnetId : null
  }
  // An instance that starts before it may read its package stays broken until the next restart.
  dependsOn: [appRoles, storageEndpoints, vaultEndpoint]
}

module apiRegistration 'modules/apiRegistration.bicep' = if (deploysApi) {
  scope: group
  params: {
    uniqueName: registrationName
    displayName: 'Defender functions (${environmentName})'
    playbooksPrincipalId: identities.outputs.?playbooksPrincipalId
    playbooksRoles: playbooksRoles
  }
}

module defenderApplication 'modules/defenderApplication.bicep' = if (deploysApplication) {
  scope: group
  params: {
    uniqueName: '${registrationName}-defender'
    displayName: 'Defender functions (${environmentName}), for Defender'
    isMultiTenant: isDefenderApplicationMultiTenant
    identityPrincipalId: identities.outputs.appPrincipalId
    permissions: map(permissions, row => { resourceAppId: row.resourceAppId, roleId: row.roleId })
  }
}

// Apart from the identities, so that a repetition mends what the directory did not know yet.
module defenderGrants 'modules/defenderGrants.bicep' = [
  for resourceAppId in permittedResources: if (deploysGrants) {
    scope: group
    params: {
      resourceAppId: resourceAppId
      roles: map(filter(permissions, row => row.resourceAppId == resourceAppId), row => row.role)
      principalId: usesApplication
        ? defenderApplication!.outputs.principalId
        : identities.outputs.appPrincipalId
    }
  }
]

var audienceClientId = deploysApi ? apiRegistration!.outputs.clientId : apiClientId
var audienceUri = deploysApi ? apiRegistration!.outputs.identifierUri : apiIdentifierUri
// Absent stays absent: an empty list would let nobody in here, and everybody in at the platform.
var allowedCallers = allowedCallerApplications == null
  ? null
  : concat(
      allowedCallerApplications ?? [],
      deploysPlaybooks ? [identities.outputs.?playbooksClientId ?? ''] : []
    )

module webhookSecret 'modules/webhookSecret.bicep' = if (deliversToWebhook) {
  scope: group
  params: {
    vaultName: keyVault.outputs.name
    url: alertWebhookUrl ?? ''
  }
}

module playbookWebhook 'modules/playbookWebhook.bicep' = if (deliversToPlaybook) {
  scope: group
  params: {
    vaultName: keyVault.outputs.name
    workflowName: isolateOnHighSeverity!.outputs.name
  }
}

module appSettings 'modules/appSettings.bicep' = {
  scope: group
  params: {
    appName: functionApp.outputs.name
    settings: settings
    defenderTenantId: defenderTenant
    defenderCredential: defenderCredential
    defenderClientId: deploysApplication ? defenderApplication!.outputs.clientId : defenderClientId
    defenderSecretName: secretName
    identityClientId: identities.outputs.appClientId
    vaultUrl: keyVault.outputs.url
    storageAccountName: storage.outputs.name
    blobUrl: storage.outputs.blobUrl
    queueUrl: storage.outputs.queueUrl
    tableUrl: storage.outputs.tableUrl
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    alertPullSchedule: pullAlerts ? alertPullSchedule : null
    alertWebhookReference: deliversToWebhook
      ? webhookSecret!.outputs.reference
      : deliversToPlaybook ? playbookWebhook!.outputs.reference : null
    callerAuth: callerAuth
    callerAudiences: callerAuth == 'entra' ? [audienceClientId ?? '', audienceUri ?? ''] : []
    callerTenantId: tenant().tenantId
    callerAllowedApplications: allowedCallers
    huntingApi: huntingApi
    disabledFunctions: disabledFunctions
  }
}

module callerAuthentication 'modules/callerAuthentication.bicep' = {
  scope: group
  params: {
    appName: functionApp.outputs.name
    isRequired: callerAuth == 'entra'
    clientId: audienceClientId
    identifierUri: audienceUri
    allowedApplications: allowedCallers
    tenantId: tenant().tenantId
  }
  // Two changes of one site at once get in each other's way.
  dependsOn: [appSettings]
}

module alertRules 'modules/alertRules.bicep' = {
  scope: group
  params: {
    namePrefix: 'alert-${environmentName}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    features: features
    pullMissingMinutes: pullMissingMinutes
    pullLagMinutes: pullLagMinutes
    email: alertEmail
    actionGroupId: alertActionGroupId
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    displayName: 'Defender functions (${environmentName})'
    workspaceId: monitoring.outputs.workspaceId
  }
}

module isolateOnHighSeverity 'playbooks/isolate-on-high-severity/isolate-on-high-severity.bicep' = if (playbooks.isolateOnHighSeverity) {
  scope: group
  params: {
    name: 'isolate-on-high-severity-${token}'
    location: location
    tags: tags
    identityId: identities.outputs.?playbooksIdentityId ?? ''
    apiUrl: functionApp.outputs.url
    apiAudience: audienceUri ?? ''
    outcomeUrl: outcomeUrl
    workspaceId: monitoring.outputs.workspaceId
  }
}

module huntIndicator 'playbooks/hunt-indicator/hunt-indicator.bicep' = if (playbooks.huntIndicator) {
  scope: group
  params: {
    name: 'hunt-indicator-${token}'
    location: location
    tags: tags
    identityId: identities.outputs.?playbooksIdentityId ?? ''
    apiUrl: functionApp.outputs.url
    apiAudience: audienceUri ?? ''
    workspaceId: monitoring.outputs.workspaceId
  }
}

module releaseAfterApproval 'playbooks/release-after-approval/release-after-approval.bicep' = if (playbooks.releaseAfterApproval) {
  scope: group
  params: {
    name: 'release-after-approval-${token}'
    location: location
    tags: tags
    identityId: identities.outputs.?playbooksIdentityId ?? ''
    apiUrl: functionApp.outputs.url
    apiAudience: audienceUri ?? ''
    outcomeUrl: outcomeUrl
    approvalUrl: approvalUrl ?? ''
    workspaceId: monitoring.outputs.workspaceId
  }
}

@description('The resource group that holds everything.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app.')
output AZURE_FUNCTION_APP_NAME string = functionApp.outputs.name

@description('Where callers reach the app, without a closing slash.')
output API_URL string = functionApp.outputs.url

@description('What callers ask a token for.')
output API_AUDIENCE string = audienceUri ?? ''

@description('The storage account of the app.')
output STORAGE_ACCOUNT_NAME string = storage.outputs.name

@description('The vault.')
output KEY_VAULT_NAME string = keyVault.outputs.name

@description('Where the vault is reached.')
output KEY_VAULT_URL string = keyVault.outputs.url

@description('Under which name the vault keeps the secret of the Defender application.')
output DEFENDER_SECRET_NAME string = secretName

@description('The tenant whose Defender is used.')
output DEFENDER_TENANT_ID string = defenderTenant

@description('How the app signs in to Defender.')
output DEFENDER_CREDENTIAL string = defenderCredential

@description('The client id of the Defender application, or nothing when the identity itself is known to Defender.')
output DEFENDER_CLIENT_ID string = deploysApplication
  ? defenderApplication!.outputs.clientId
  : usesApplication ? defenderClientId ?? '' : ''

@description('The client id of the identity of the app.')
output APP_IDENTITY_CLIENT_ID string = identities.outputs.appClientId

@description('The object id of the identity of the app, to which Defender\'s permissions are granted.')
output APP_IDENTITY_PRINCIPAL_ID string = identities.outputs.appPrincipalId

@description('The object id of the identity of the playbooks, or nothing.')
output PLAYBOOKS_IDENTITY_PRINCIPAL_ID string = identities.outputs.?playbooksPrincipalId ?? ''

@description('The workspace that holds the log.')
output LOG_ANALYTICS_WORKSPACE_ID string = monitoring.outputs.workspaceId
