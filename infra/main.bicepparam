using 'main.bicep'

// Every value comes from the environment, where azd puts what `azd env set NAME value` was told. What is not set there
// takes the default of main.bicep, or of the app itself.

// Where

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'defender')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param privateNetwork = bool(readEnvironmentVariable('PRIVATE_NETWORK', 'false'))
param recoverKeyVault = bool(readEnvironmentVariable('RECOVER_KEY_VAULT', 'false'))
param instanceMemoryMB = json(readEnvironmentVariable('INSTANCE_MEMORY_MB', '2048'))
param maximumInstanceCount = int(readEnvironmentVariable('MAXIMUM_INSTANCE_COUNT', '40'))
param alwaysReadyHttpInstances = int(readEnvironmentVariable('ALWAYS_READY_HTTP_INSTANCES', '0'))

// Defender

var tenantOfDefender = readEnvironmentVariable('DEFENDER_TENANT_ID', '')
var clientOfDefender = readEnvironmentVariable('DEFENDER_CLIENT_ID', '')

var regionOfDefender = readEnvironmentVariable('DEFENDER_REGION', '')

param defenderTenantId = empty(tenantOfDefender) ? null : tenantOfDefender
param defenderCloud = readEnvironmentVariable('DEFENDER_CLOUD', 'global')
param defenderRegion = empty(regionOfDefender) ? null : regionOfDefender
param defenderCredential = readEnvironmentVariable('DEFENDER_CREDENTIAL', 'managedIdentity')
param defenderClientId = empty(clientOfDefender) ? null : clientOfDefender
param isDefenderApplicationMultiTenant = bool(readEnvironmentVariable(
  'DEFENDER_APPLICATION_MULTI_TENANT',
  'false'
))

// What is switched on

var webhook = readEnvironmentVariable('ALERT_WEBHOOK_URL', '')
var outcomes = readEnvironmentVariable('PLAYBOOK_OUTCOME_URL', '')
var approvals = readEnvironmentVariable('PLAYBOOK_APPROVAL_URL', '')

param pullAlerts = bool(readEnvironmentVariable('PULL_ALERTS', 'true'))
param alertPullSchedule = readEnvironmentVariable('ALERT_PULL_SCHEDULE', '0 * * * * *')
param alertWebhookUrl = empty(webhook) ? null : webhook
param actOnDevices = bool(readEnvironmentVariable('ACT_ON_DEVICES', 'true'))
param alertsApi = readEnvironmentVariable('ALERTS_API', 'endpoint')
param incidentsApi = readEnvironmentVariable('INCIDENTS_API', 'graph')
param huntingApi = readEnvironmentVariable('HUNTING_API', 'graph')
param playbooks = {
  isolateOnHighSeverity: bool(readEnvironmentVariable('PLAYBOOK_ISOLATE_ON_HIGH_SEVERITY', 'false'))
  huntIndicator: bool(readEnvironmentVariable('PLAYBOOK_HUNT_INDICATOR', 'false'))
  releaseAfterApproval: bool(readEnvironmentVariable('PLAYBOOK_RELEASE_AFTER_APPROVAL', 'false'))
}
param outcomeUrl = empty(outcomes) ? null : outcomes
param approvalUrl = empty(approvals) ? null : approvals

// Callers

var allowedCallers = readEnvironmentVariable('CALLER_ALLOWED_APPS', '')
var clientOfApi = readEnvironmentVariable('API_CLIENT_ID', '')
var identifierOfApi = readEnvironmentVariable('API_IDENTIFIER_URI', '')
var clientOfTerminal = readEnvironmentVariable('PUBLIC_CLIENT_ID', '')

param callerAuth = readEnvironmentVariable('CALLER_AUTH', 'entra')
param allowedCallerApplications = empty(allowedCallers) ? null : split(allowedCallers, ',')
param onBehalfOfCredential = readEnvironmentVariable('ON_BEHALF_OF_CREDENTIAL', 'federated')
param deployTerminalClient = bool(readEnvironmentVariable('DEPLOY_TERMINAL_CLIENT', 'false'))
param publicClientId = empty(clientOfTerminal) ? null : clientOfTerminal
param deployRegistrations = bool(readEnvironmentVariable('DEPLOY_REGISTRATIONS', 'true'))
param apiClientId = empty(clientOfApi) ? null : clientOfApi
param apiIdentifierUri = empty(identifierOfApi) ? null : identifierOfApi

// Operation

var email = readEnvironmentVariable('ALERT_EMAIL', '')
var actionGroup = readEnvironmentVariable('ALERT_ACTION_GROUP_ID', '')
var operators = readEnvironmentVariable('OPERATOR_PRINCIPAL_ID', '')
var deployer = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')

param logRetentionInDays = int(readEnvironmentVariable('LOG_RETENTION_DAYS', '90'))
param pullMissingMinutes = json(readEnvironmentVariable('PULL_MISSING_MINUTES', '30'))
param pullLagMinutes = int(readEnvironmentVariable('PULL_LAG_MINUTES', '30'))
param alertEmail = empty(email) ? null : email
param alertActionGroupId = empty(actionGroup) ? null : actionGroup
param operatorPrincipalId = empty(operators) ? null : operators
param operatorPrincipalType = readEnvironmentVariable('OPERATOR_PRINCIPAL_TYPE', 'Group')
param deployerPrincipalId = empty(deployer) ? null : deployer
param deployerPrincipalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')

// The app. An empty setting takes the default that docs/settings.md names.

param settings = {
  DEFENDER_API_URL: readEnvironmentVariable('DEFENDER_API_URL', '')
  DEFENDER_API_AUDIENCE: readEnvironmentVariable('DEFENDER_API_AUDIENCE', '')
  DEFENDER_REQUEST_TIMEOUT: readEnvironmentVariable('DEFENDER_REQUEST_TIMEOUT', '')
  ALERT_PULL_BUDGET: readEnvironmentVariable('ALERT_PULL_BUDGET', '')
  ALERT_FIRST_LOOKBACK: readEnvironmentVariable('ALERT_FIRST_LOOKBACK', '')
  ALERT_OVERLAP: readEnvironmentVariable('ALERT_OVERLAP', '')
  ALERT_SWEEP_LOOKBACK: readEnvironmentVariable('ALERT_SWEEP_LOOKBACK', '')
  ALERT_SWEEP_INTERVAL: readEnvironmentVariable('ALERT_SWEEP_INTERVAL', '')
  ALERT_PAGE_SIZE: readEnvironmentVariable('ALERT_PAGE_SIZE', '')
  ALERT_QUOTA_SHARE: readEnvironmentVariable('ALERT_QUOTA_SHARE', '')
  ALERT_LEDGER_RETENTION: readEnvironmentVariable('ALERT_LEDGER_RETENTION', '')
  PUBLIC_BASE_URL: readEnvironmentVariable('PUBLIC_BASE_URL', '')
  CALLER_TENANTS: readEnvironmentVariable('CALLER_TENANTS', '')
  PERSON_REQUIRED_FOR: readEnvironmentVariable('PERSON_REQUIRED_FOR', '')
  TENANT_FAN_OUT_ABOVE: readEnvironmentVariable('TENANT_FAN_OUT_ABOVE', '')
  OPERATION_POLL_INTERVAL: readEnvironmentVariable('OPERATION_POLL_INTERVAL', '')
  ACTION_CAP_PER_HOUR: readEnvironmentVariable('ACTION_CAP_PER_HOUR', '')
  ACTION_CAP_PER_CALLER: readEnvironmentVariable('ACTION_CAP_PER_CALLER', '')
  PROTECTED_DEVICE_IDS: readEnvironmentVariable('PROTECTED_DEVICE_IDS', '')
  PROTECTED_DEVICE_NAMES: readEnvironmentVariable('PROTECTED_DEVICE_NAMES', '')
  PROTECTED_DEVICE_TAGS: readEnvironmentVariable('PROTECTED_DEVICE_TAGS', '')
  PROTECTED_DEVICE_GROUPS: readEnvironmentVariable('PROTECTED_DEVICE_GROUPS', '')
  PROTECTED_DEVICE_VALUES: readEnvironmentVariable('PROTECTED_DEVICE_VALUES', '')
  PROTECTED_OS_PLATFORMS: readEnvironmentVariable('PROTECTED_OS_PLATFORMS', '')
  GRAPH_API_URL: readEnvironmentVariable('GRAPH_API_URL', '')
  GRAPH_API_AUDIENCE: readEnvironmentVariable('GRAPH_API_AUDIENCE', '')
  XDR_API_URL: readEnvironmentVariable('XDR_API_URL', '')
  XDR_API_AUDIENCE: readEnvironmentVariable('XDR_API_AUDIENCE', '')
  HUNTING_TIMEOUT: readEnvironmentVariable('HUNTING_TIMEOUT', '')
  HEALTH_MAX_PULL_AGE: readEnvironmentVariable('HEALTH_MAX_PULL_AGE', '')
}
