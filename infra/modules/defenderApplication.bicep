extension microsoftGraphV1

@description('Required. The name by which the registration is found again.')
@minLength(3)
param uniqueName string

@description('Required. What people see in Entra.')
param displayName string

@description('Required. True when other tenants may consent to the application.')
param isMultiTenant bool

@description('Required. The object id of the app\'s identity, which may sign in as the application.')
param identityPrincipalId string

@description('Required. The application roles that it asks for.')
param permissions Permission[]

@description('An application role of another application.')
type Permission = {
  @description('The client id of the resource application.')
  resourceAppId: string

  @description('The id of the application role.')
  roleId: string
}

// Other clouds have audiences of their own, and no federation with each other.
var exchangeAudiences = {
  AzureCloud: 'api://AzureADTokenExchange'
  AzureUSGovernment: 'api://AzureADTokenExchangeUSGov'
  AzureChinaCloud: 'api://AzureADTokenExchangeChina'
}

var resourceAppIds = union(map(permissions, permission => permission.resourceAppId), [])

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: isMultiTenant ? 'AzureADMultipleOrgs' : 'AzureADMyOrg'
  // Where the administrator of another tenant lands after the consent.
  web: { redirectUris: isMultiTenant ? [environment().portal] : [] }
  requiredResourceAccess: [
    for resourceAppId in resourceAppIds: {
      resourceAppId: resourceAppId
      resourceAccess: map(
        filter(permissions, permission => permission.resourceAppId == resourceAppId),
        permission => { id: permission.roleId, type: 'Role' }
      )
    }
  ]

  // The identity proves itself instead of a secret: only a token of this very identity is taken.
  resource federation 'federatedIdentityCredentials@v1.0' = {
    name: '${application.uniqueName}/function-app'
    description: 'The identity of the function app'
    issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
    subject: identityPrincipalId
    audiences: [exchangeAudiences[environment().name]]
  }
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
}

@description('The client id of the application.')
output clientId string = application.appId

@description('The object id of its service principal, to which permissions are granted.')
output principalId string = servicePrincipal.id
