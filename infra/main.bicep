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

@description('Optional. Which of Microsoft\'s clouds that tenant is in. gccHigh and dod are deployed into Azure Government, the others into public Azure.')
@allowed(['global', 'gcc', 'gccHigh', 'dod'])
param defenderCloud string = 'global'

@description('Optional. Where Defender for Endpoint keeps the data, for a host that is nearer. Absent: the host for all regions. The global cloud only.')
@allowed(['us', 'eu', 'uk', 'au', 'swa', 'ina', 'aea'])
param defenderRegion string?

@description('Optional. How the app signs in to Defender: by its identity; or as an application, which proves itself by a token of that identity, or by a secret or a certificate in the vault.')
@allowed(['managedIdentity', 'federated', 'clientSecret', 'clientCertificate'])
param defenderCredential string = 'managedIdentity'

@description('Conditional. The client id of the Defender application. Required if `deployRegistrations` is false and `defenderCredential` is not managedIdentity.')
@minLength(36)
@maxLength(36)
param defenderClientId string?

@description('Optional. True lets other tenants consent to the Defender application. Any credential but managedIdentity.')
param isDefenderApplicationMultiTenant bool = false

@description('Optional. How the API registration proves itself when the app calls Defender on behalf of a person; off refuses people, and grants nothing for them.')
@allowed(['federated', 'clientSecret', 'clientCertificate', 'off'])
param onBehalfOfCredential string = 'federated'

@description('Optional. True makes the public client as which people sign in at a terminal (`npm run defender`), and lets it read for whoever is assigned to it.')
param deployTerminalClient bool = false

@description('Optional. The client id of such a public client, where it was made by other means.')
@minLength(36)
@maxLength(36)
param publicClientId string?

@description('Optional. False switches the pull of alerts off, and grants nothing for it.')
param pullAlerts bool = true

@description('Optional. When alerts are pulled: six-field NCRONTAB, UTC.')
@minLength(11)
param alertPullSchedule string = '0 * * * * *'

@description('Optional. False switches isolating and releasing off, and grants nothing for it.')
param actOnDevices bool = true

@description('Optional. Where callers\' alerts are read; off switches reading them off, and grants nothing for it. graph has the alerts of all Defender products.')
@allowed(['endpoint', 'graph', 'off'])
param alertsApi string = 'endpoint'

@description('Optional. Where callers\' incidents are read; off switches reading them off, and grants nothing for it.')
@allowed(['graph', 'xdr', 'off'])
param incidentsApi string = 'graph'

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

@description('Optional. False leaves everything out that needs rights in the directory: all registrations and all grants. docs/deploy.md says who makes them then, and how.')
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

@description('Optional. The object id of the group that operates the app with `npm run checkpoint`, `guard`, `poison` and `tenants`. Absent: nobody but the app reaches its storage.')
@minLength(36)
@maxLength(36)
param operatorPrincipalId string?

@description('Optional. What the operator is.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorPrincipalType string = 'Group'

@description('Optional. The object id of whoever deploys. Where a secret or a certificate is used it may make them in the vault; otherwise it gets nothing.')
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

var token = toLower(uniqueString(subscription().id, environmentName, location))
var registrationName = 'defender-functions-${token}'
var defenderTenant = defenderTenantId ?? tenant().tenantId
var isHomeTenant = defenderTenant == tenant().tenantId
var secretName = 'defender-client-secret'
var certificateName = 'defender-client-certificate'
var onBehalfOfSecretName = 'on-behalf-of-client-secret'
var onBehalfOfCertificateName = 'on-behalf-of-client-certificate'

// Entra and Azure of a cloud belong together; identities are known in their own only.
var azureOfCloud = {
  global: 'AzureCloud'
  gcc: 'AzureCloud'
  gccHigh: 'AzureUSGovernment'
  dod: 'AzureUSGovernment'
}
// What the token of an identity is for when it proves to be an application.
var exchangeAudiences = {
  AzureCloud: 'api://AzureADTokenExchange'
  AzureUSGovernment: 'api://AzureADTokenExchangeUSGov'
}
var exchangeAudience = exchangeAudiences[?environment().name] ?? exchangeAudiences.AzureCloud

var usesApplication = defenderCredential != 'managedIdentity'
var deploysApplication = deployRegistrations && usesApplication
var deploysApi = deployRegistrations && callerAuth == 'entra'
var deploysTerminalClient = deployRegistrations && deployTerminalClient
// The token of a person can be exchanged in the person's own tenant only, and a function key names no person.
var actsForPeople = onBehalfOfCredential != 'off' && callerAuth == 'entra' && isHomeTenant
var usedOnBehalfOfCredential = actsForPeople ? onBehalfOfCredential : 'off'
var personRequiredFor = settings.?PERSON_REQUIRED_FOR ?? ''

// Told before anything is made, and all at once.
var faults = concat(
  azureOfCloud[defenderCloud] == environment().name
    ? []
    : [
        'defenderCloud ${defenderCloud} is deployed into ${azureOfCloud[defenderCloud]}, and this is ${environment().name}.'
      ],
  defenderRegion == null || defenderCloud == 'global'
    ? []
    : ['defenderRegion is known in the global cloud only; leave it out.'],
  usesApplication || !isDefenderApplicationMultiTenant
    ? []
    : [
        'isDefenderApplicationMultiTenant needs an application: choose another defenderCredential than managedIdentity.'
      ],
  usesApplication || isHomeTenant
    ? []
    : [
        'An identity works in its own tenant only: with that defenderTenantId choose another defenderCredential than managedIdentity.'
      ],
  deployRegistrations || !usesApplication || defenderClientId != null
    ? []
    : ['defenderClientId is missing: deployRegistrations is false, so no Defender application is made.'],
  deployRegistrations || callerAuth != 'entra' || (apiClientId != null && apiIdentifierUri != null)
    ? []
    : [
        'apiClientId or apiIdentifierUri is missing: deployRegistrations is false, so the API is not registered.'
      ],
  actsForPeople || empty(personRequiredFor) || personRequiredFor == 'none'
    ? []
    : ['PERSON_REQUIRED_FOR would let nobody in: this deployment does nothing on behalf of people.']
)
var tags = empty(faults) ? { 'azd-env-name': environmentName } : fail(join(faults, ' '))

var features = concat(
  pullAlerts ? ['pullAlerts'] : [],
  actOnDevices ? ['actOnDevices'] : [],
  alertsApi == 'endpoint' ? ['readAlertsFromEndpoint'] : [],
  alertsApi == 'graph' ? ['readAlertsFromGraph'] : [],
  incidentsApi == 'graph' ? ['readIncidentsFromGraph'] : [],
  incidentsApi == 'xdr' ? ['readIncidentsFromXdr'] : [],
  huntingApi == 'graph' ? ['huntWithGraph'] : [],
  huntingApi == 'endpoint' ? ['huntWithEndpoint'] : [],
  huntingApi == 'xdr' ? ['huntWithXdr'] : []
)
var disabledFunctions = concat(
  pullAlerts ? [] : ['pullAlerts', 'pullTenant'],
  actOnDevices ? [] : ['isolateDevice', 'releaseDevice', 'findDevices', 'followOperations'],
  alertsApi == 'off' ? ['listAlerts', 'getAlert'] : [],
  incidentsApi == 'off' ? ['listIncidents', 'getIncident'] : [],
  huntingApi == 'off' ? ['runHunt'] : [],
  isDefenderApplicationMultiTenant ? [] : ['finishConsent']
)

// src/identity/permissions.ts says what each feature needs; what is switched off is filtered out and never granted.
var permissions = filter(loadJsonContent('permissions.json'), row => contains(features, row.feature))
var permittedRoles = map(union(map(permissions, row => row.resourceAppId), []), id => {
  resourceAppId: id
  names: union(map(filter(permissions, row => row.resourceAppId == id), row => row.role), [])
})
// Nobody pulls in person.
var personPermissions = deploysApi && actsForPeople
  ? filter(permissions, row => row.feature != 'pullAlerts')
  : []
var personScopes = map(union(map(personPermissions, row => row.resourceAppId), []), id => {
  resourceAppId: id
  names: union(map(filter(personPermissions, row => row.resourceAppId == id), row => row.delegatedScope), [])
})
// Reading and hunting only: at a terminal, no guard of this app stands before an action.
var terminalPermissions = deploysTerminalClient
  ? filter(permissions, row => startsWith(row.feature, 'read') || startsWith(row.feature, 'hunt'))
  : []
var terminalScopes = map(union(map(terminalPermissions, row => row.resourceAppId), []), id => {
  resourceAppId: id
  names: union(map(filter(terminalPermissions, row => row.resourceAppId == id), row => row.delegatedScope), [])
})
// In another tenant its administrator grants them, by consenting to the application.
var deploysGrants = deployRegistrations && isHomeTenant

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
var usedCredentials = [defenderCredential, usedOnBehalfOfCredential]
var usesSecret = contains(usedCredentials, 'clientSecret')
var usesCertificate = contains(usedCredentials, 'clientCertificate')
var readsSecrets = usesSecret || usesCertificate || deliversToPlaybook || deliversToWebhook

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
    deployerPrincipalId: deployerPrincipalId
    deployerPrincipalType: deployerPrincipalType
    makesSecrets: usesSecret
    makesCertificates: usesCertificate
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

var givenBaseUrl = empty(settings.?PUBLIC_BASE_URL)
  ? functionApp.outputs.url
  : settings.?PUBLIC_BASE_URL ?? ''
var publicBaseUrl = endsWith(givenBaseUrl, '/') ? take(givenBaseUrl, length(givenBaseUrl) - 1) : givenBaseUrl

module applicationAccess 'modules/resourceAccess.bicep' = [
  for one in permittedRoles: if (deploysApplication) {
    scope: group
    params: { resourceAppId: one.resourceAppId, roles: one.names, scopes: [] }
  }
]

module personAccess 'modules/resourceAccess.bicep' = [
  for one in personScopes: {
    scope: group
    params: { resourceAppId: one.resourceAppId, roles: [], scopes: one.names }
  }
]

module terminalAccess 'modules/resourceAccess.bicep' = [
  for one in terminalScopes: {
    scope: group
    params: { resourceAppId: one.resourceAppId, roles: [], scopes: one.names }
  }
]

module terminalClient 'modules/terminalClient.bicep' = if (deploysTerminalClient) {
  scope: group
  params: {
    uniqueName: '${registrationName}-terminal'
    displayName: 'Defender functions (${environmentName}), at a terminal'
    requiredAccess: [
      for (one, index) in terminalScopes: {
        resourceAppId: one.resourceAppId
        resourceAccess: terminalAccess[index].outputs.access
      }
    ]
  }
}

module apiRegistration 'modules/apiRegistration.bicep' = if (deploysApi) {
  scope: group
  params: {
    uniqueName: registrationName
    displayName: 'Defender functions (${environmentName})'
    playbooksPrincipalId: identities.outputs.?playbooksPrincipalId
    playbooksRoles: playbooksRoles
    requiredAccess: [
      for (one, index) in personScopes: {
        resourceAppId: one.resourceAppId
        resourceAccess: personAccess[index].outputs.access
      }
    ]
    federatedPrincipalId: usedOnBehalfOfCredential == 'federated' ? identities.outputs.appPrincipalId : null
    exchangeAudience: exchangeAudience
    terminalClientId: deploysTerminalClient ? terminalClient!.outputs.clientId : null
  }
}

module defenderApplication 'modules/defenderApplication.bicep' = if (deploysApplication) {
  scope: group
  params: {
    uniqueName: '${registrationName}-defender'
    displayName: 'Defender functions (${environmentName}), for Defender'
    consentUrl: isDefenderApplicationMultiTenant ? '${publicBaseUrl}/api/consent' : null
    federatedPrincipalId: defenderCredential == 'federated' ? identities.outputs.appPrincipalId : null
    exchangeAudience: exchangeAudience
    requiredAccess: [
      for (one, index) in permittedRoles: {
        resourceAppId: one.resourceAppId
        resourceAccess: applicationAccess[index]!.outputs.access
      }
    ]
  }
}

// Apart from the identities, so that a repetition mends what the directory did not know yet.
module defenderGrants 'modules/defenderGrants.bicep' = [
  for one in permittedRoles: if (deploysGrants) {
    scope: group
    params: {
      resourceAppId: one.resourceAppId
      roles: one.names
      principalId: usesApplication
        ? defenderApplication!.outputs.principalId
        : identities.outputs.appPrincipalId
    }
  }
]

// Consented for everybody, so that nobody is asked: what a person may do, Defender's own roles decide.
module personGrants 'modules/delegatedGrant.bicep' = [
  for one in personScopes: {
    scope: group
    params: {
      resourceAppId: one.resourceAppId
      scopes: one.names
      principalId: apiRegistration!.outputs.principalId
    }
  }
]

module terminalGrants 'modules/delegatedGrant.bicep' = [
  for one in terminalScopes: if (deploysGrants) {
    scope: group
    params: {
      resourceAppId: one.resourceAppId
      scopes: one.names
      principalId: terminalClient!.outputs.principalId
    }
  }
]

var audienceClientId = deploysApi ? apiRegistration!.outputs.clientId : apiClientId
var audienceUri = deploysApi ? apiRegistration!.outputs.identifierUri : apiIdentifierUri
var terminalClientId = deploysTerminalClient ? terminalClient!.outputs.clientId : publicClientId
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
    defenderCloud: defenderCloud
    defenderRegion: defenderRegion
    defenderCredential: defenderCredential
    defenderClientId: deploysApplication ? defenderApplication!.outputs.clientId : defenderClientId
    defenderSecretName: secretName
    defenderCertificateName: certificateName
    onBehalfOfCredential: usedOnBehalfOfCredential
    onBehalfOfClientId: audienceClientId
    onBehalfOfSecretName: onBehalfOfSecretName
    onBehalfOfCertificateName: onBehalfOfCertificateName
    exchangeAudience: exchangeAudience
    publicClientId: terminalClientId
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
    alertsApi: alertsApi
    incidentsApi: incidentsApi
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
    hasConsentPage: isDefenderApplicationMultiTenant
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
    features: concat(
      features,
      usesSecret || usesCertificate ? ['vaultCredential'] : [],
      isDefenderApplicationMultiTenant ? ['manyTenants'] : []
    )
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

@description('Under which name the vault keeps the certificate of the Defender application.')
output DEFENDER_CERTIFICATE_NAME string = certificateName

@description('How the API registration proves itself, where something is done on behalf of people.')
output ON_BEHALF_OF_CREDENTIAL string = onBehalfOfCredential

@description('The client id of the API registration, or nothing when nothing is done on behalf of people.')
output ON_BEHALF_OF_CLIENT_ID string = actsForPeople ? audienceClientId ?? '' : ''

@description('Under which name the vault keeps the secret of the API registration.')
output ON_BEHALF_OF_SECRET_NAME string = onBehalfOfSecretName

@description('Under which name the vault keeps the certificate of the API registration.')
output ON_BEHALF_OF_CERTIFICATE_NAME string = onBehalfOfCertificateName

@description('The client id as which people sign in at a terminal, or nothing.')
output PUBLIC_CLIENT_ID string = terminalClientId ?? ''

@description('Which of Microsoft\'s clouds Defender is in.')
output DEFENDER_CLOUD string = defenderCloud

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
