extension microsoftGraphV1

import { RequiredAccess } from 'resourceAccess.bicep'

@description('Required. The name by which the registration is found again.')
@minLength(3)
param uniqueName string

@description('Required. What people see in Entra.')
param displayName string

@description('Optional. The object id of the playbooks\' identity. Absent: there is none.')
param playbooksPrincipalId string?

@description('Required. The app roles that the playbooks need.')
param playbooksRoles string[]

@description('Required. The delegated scopes that it asks for, to act on behalf of people.')
param requiredAccess RequiredAccess[]

@description('Optional. The object id of the identity by which the API proves itself when it acts on behalf of people. Absent: a secret or a certificate does, or nothing is done on their behalf.')
param federatedPrincipalId string?

@description('Required. What the token of that identity is for.')
param exchangeAudience string

@description('Optional. The client id of the public client as which people sign in at a terminal. Absent: there is none.')
param terminalClientId string?

// Applications of Microsoft by which people sign in at a terminal; the same in every tenant.
var clients = loadJsonContent('../clients.json')
var scopeId = guid(uniqueName, 'access_as_user')
var identifierUri = 'api://${tenant().tenantId}/${uniqueName}'

// An application and a person are told apart by the app; either needs the role.
var appRoles = [
  { value: 'Defender.Read', description: 'Finds devices, and reads alerts, incidents and operations.' }
  { value: 'Defender.Respond', description: 'Isolates and releases devices.' }
  { value: 'Defender.Hunt', description: 'Runs hunting queries.' }
  { value: 'Defender.Admin', description: 'Lists what everybody asked for, and checks what is set up.' }
]

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  identifierUris: [identifierUri]
  api: {
    requestedAccessTokenVersion: 2
    // Lets a person with one of the roles sign in, for `npm run call` and `npm run verify:azure`.
    oauth2PermissionScopes: [
      {
        id: scopeId
        value: 'access_as_user'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Call the API as the signed-in person'
        adminConsentDescription: 'Lets an application call the API for the person who is signed in, within the roles of that person.'
        userConsentDisplayName: 'Call the API for you'
        userConsentDescription: 'Lets the application call the API for you, within the roles that you have.'
      }
    ]
    // Without it, whoever signs in with one of them would first be asked for a consent that many tenants forbid.
    preAuthorizedApplications: [
      for clientId in concat([clients['Azure CLI']], terminalClientId == null ? [] : [terminalClientId ?? '']): {
        appId: clientId
        delegatedPermissionIds: [scopeId]
      }
    ]
  }
  requiredResourceAccess: requiredAccess
  appRoles: [
    for role in appRoles: {
      id: guid(uniqueName, role.value)
      value: role.value
      displayName: role.value
      description: role.description
      allowedMemberTypes: ['Application', 'User']
      isEnabled: true
    }
  ]

  // The identity proves itself instead of a secret, and the API exchanges tokens of people without one.
  resource federation 'federatedIdentityCredentials@v1.0' = if (federatedPrincipalId != null) {
    name: '${application.uniqueName}/function-app'
    description: 'The identity of the function app'
    issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
    subject: federatedPrincipalId ?? ''
    audiences: [exchangeAudience]
  }
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
  // Entra gives tokens only to whom a role is assigned.
  appRoleAssignmentRequired: true
}

resource playbooksGrants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for role in playbooksRoles: if (playbooksPrincipalId != null) {
    appRoleId: guid(uniqueName, role)
    principalId: playbooksPrincipalId ?? ''
    resourceId: servicePrincipal.id
  }
]

@description('The client id of the API.')
output clientId string = application.appId

@description('The object id of its service principal, to which delegated scopes are granted.')
output principalId string = servicePrincipal.id

@description('The identifier URI of the API: what callers ask a token for.')
output identifierUri string = identifierUri
