extension microsoftGraphV1

import { RequiredAccess } from 'resourceAccess.bicep'

@description('Required. The name by which the registration is found again.')
@minLength(3)
param uniqueName string

@description('Required. What people see in Entra.')
param displayName string

@description('Optional. Where the administrator of another tenant lands after the consent. Absent: other tenants may not consent.')
@minLength(12)
param consentUrl string?

@description('Optional. The object id of the identity that signs in as the application. Absent: a secret or a certificate does.')
param federatedPrincipalId string?

@description('Required. What the token of that identity is for.')
param exchangeAudience string

@description('Required. The application roles that it asks for.')
param requiredAccess RequiredAccess[]

// Secrets and certificates are left as they are: `npm run rotate-secret` makes them.
resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: consentUrl == null ? 'AzureADMyOrg' : 'AzureADMultipleOrgs'
  web: { redirectUris: consentUrl == null ? [] : [consentUrl ?? ''] }
  requiredResourceAccess: requiredAccess

  // The identity proves itself instead of a secret: only a token of this very identity is taken.
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
}

@description('The client id of the application.')
output clientId string = application.appId

@description('The object id of its service principal, to which permissions are granted.')
output principalId string = servicePrincipal.id
