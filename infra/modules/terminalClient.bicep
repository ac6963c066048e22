extension microsoftGraphV1

import { RequiredAccess } from 'resourceAccess.bicep'

@description('Required. The name by which the registration is found again.')
@minLength(3)
param uniqueName string

@description('Required. What people see in Entra.')
param displayName string

@description('Required. The delegated scopes that it asks for.')
param requiredAccess RequiredAccess[]

// Sign-in by device code needs no redirect URI, and a public client no secret.
resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  isFallbackPublicClient: true
  requiredResourceAccess: requiredAccess
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
  // Whoever is talked into entering somebody else's device code is of no use unless assigned.
  appRoleAssignmentRequired: true
}

@description('The client id of the public client.')
output clientId string = application.appId

@description('The object id of its service principal, to which scopes are granted.')
output principalId string = servicePrincipal.id
