using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The ways requests to Accounts, and requests that need to know their caller, can fail.</summary>
public static class AccountsProblems
{
    /// <summary>Members of the request have values that cannot be.</summary>
    public static readonly ProblemCode InvalidMember = new(
        "invalid_member",
        422,
        "A member of the request is not valid.",
        "Correct the members listed in errors.");

    /// <summary>The named organisation does not exist, or is not the caller's.</summary>
    public static readonly ProblemCode OrganisationNotFound = new(
        "organisation_not_found",
        404,
        "There is no such organisation.",
        "Check the id in the Quoin-Org header; an organisation's own keys need none.");

    /// <summary>Another organisation has the slug.</summary>
    public static readonly ProblemCode SlugTaken = new(
        "slug_taken",
        409,
        "The slug belongs to another organisation.",
        "Choose another slug, or leave it out.");

    /// <summary>There are as many keys in use as there may be.</summary>
    public static readonly ProblemCode TooManyKeys = new(
        "too_many_keys",
        409,
        "There are as many keys in use as there may be.",
        "Revoke keys that are no longer used.");

    /// <summary>A key was replaced already, or the one it replaced still works.</summary>
    public static readonly ProblemCode KeyRotationRunning = new(
        "key_rotation_running",
        409,
        "The key is being replaced already.",
        "Rotate the key that replaced it, or revoke the one it replaced first.");

    /// <summary>A key that no longer works cannot be replaced.</summary>
    public static readonly ProblemCode KeyNotInUse = new(
        "key_not_in_use",
        409,
        "The key was revoked or has expired.",
        "Create a new key.");

    /// <summary>The service account that owns the presented key is disabled.</summary>
    public static readonly ProblemCode ServiceAccountDisabled = new(
        "service_account_disabled",
        401,
        "The service account of this key is disabled.",
        "Enable the service account, or use another key.");

    /// <summary>There are as many service accounts as there may be.</summary>
    public static readonly ProblemCode TooManyServiceAccounts = new(
        "too_many_service_accounts",
        409,
        "There are as many service accounts as there may be.",
        "Use one of them for several keys.");

    /// <summary>A person's key cannot be replaced: they sign in again.</summary>
    public static readonly ProblemCode KeyIsAPersons = new(
        "key_is_a_persons",
        409,
        "The key belongs to a person's device.",
        "Sign in on that device again: 'quoin login'.");

    /// <summary>The person behind the presented key left the organisation, or was shut out.</summary>
    public static readonly ProblemCode KeyOwnerGone = new(
        "key_owner_gone",
        401,
        "The person this key belongs to may not act here any more.",
        "Sign in as somebody who belongs to the organisation.");

    /// <summary>Too many programs wait to be let in.</summary>
    public static readonly ProblemCode TooManyDevices = new(
        "too_many_devices",
        429,
        "Too many programs wait to be let in.",
        "Approve or deny those that wait, or come back later.",
        Retry.Later);

    /// <summary>Nobody has decided about the program yet.</summary>
    public static readonly ProblemCode AuthorizationPending = new(
        "authorization_pending",
        400,
        "Nobody has decided yet.",
        "Ask again after the interval.");

    /// <summary>The program asks too often.</summary>
    public static readonly ProblemCode SlowDown = new(
        "slow_down",
        400,
        "The program asks too often.",
        "Wait as many seconds as interval says before asking again.");

    /// <summary>The program was not let in.</summary>
    public static readonly ProblemCode DeviceDenied = new(
        "access_denied",
        400,
        "The program was not let in.",
        "Start again if that was a mistake.");

    /// <summary>Nobody decided about the program in time.</summary>
    public static readonly ProblemCode DeviceCodeExpired = new(
        "expired_token",
        400,
        "The device code has expired.",
        "Start again.");

    /// <summary>The device code is none that waits.</summary>
    public static readonly ProblemCode DeviceCodeUnknown = new(
        "invalid_grant",
        400,
        "The device code is not valid.",
        "Start again; a code's key is told once.");

    /// <summary>The person has this SSH key already.</summary>
    public static readonly ProblemCode SshKeyKnown = new(
        "ssh_key_known",
        409,
        "You have this SSH key already.",
        "Use it; nothing needs to be done.");

    /// <summary>The person has as many SSH keys as there may be.</summary>
    public static readonly ProblemCode TooManySshKeys = new(
        "too_many_ssh_keys",
        409,
        "You have as many SSH keys as there may be.",
        "Remove keys of machines you no longer use.");

    /// <summary>A session was sent where a key is to be given up.</summary>
    public static readonly ProblemCode NotAKey = new(
        "not_a_key",
        409,
        "The request was not sent with a key.",
        "Send the key to give up as 'Authorization: Bearer qn_…'; sessions end at /sign-out.");

    /// <summary>A key was sent where somebody signed in is needed.</summary>
    public static readonly ProblemCode SessionNeeded = new(
        "session_needed",
        409,
        "Only somebody signed in to the console does this.",
        "Sign in to the console and do it there.");

    /// <summary>Nobody acts in an operator's stead.</summary>
    public static readonly ProblemCode CannotImpersonate = new(
        "cannot_impersonate",
        409,
        "Nobody acts in an operator's stead.",
        "Ask the operator themselves.");

    /// <summary>Nobody shuts themselves out.</summary>
    public static readonly ProblemCode CannotSuspendOneself = new(
        "cannot_suspend_oneself",
        409,
        "Nobody shuts themselves out.",
        "Ask another operator.");

    /// <summary>The person is an operator already.</summary>
    public static readonly ProblemCode AlreadyOperator = new(
        "already_operator",
        409,
        "They are an operator already.",
        "Change their roles instead.");

    /// <summary>Nobody changes their own roles.</summary>
    public static readonly ProblemCode OwnRoles = new(
        "own_roles",
        409,
        "Nobody changes their own roles, nor does a key change those of who made it.",
        "Ask another operator.");

    /// <summary>Nobody would be left who can make operators.</summary>
    public static readonly ProblemCode LastAdmin = new(
        "last_admin",
        409,
        "Quoin keeps at least one operator with the role admin.",
        "Make somebody else an admin first.");

    /// <summary>The address of who is to be an operator is not proved to be theirs.</summary>
    public static readonly ProblemCode OperatorAddressNotProved = new(
        "operator_address_not_proved",
        409,
        "Somebody claims this address, and nothing has proved that it is theirs.",
        "Ask them to confirm it on their account's page first.");

    /// <summary>The operator gives no trials now.</summary>
    public static readonly ProblemCode TrialsClosed = new(
        "trials_closed",
        409,
        "No trials are given now.",
        "Buy credit, or ask whoever runs this Quoin.");

    /// <summary>There is one trial for an organisation, and one for a person.</summary>
    public static readonly ProblemCode TrialClaimed = new(
        "trial_claimed",
        409,
        "The trial was used already.",
        "There is one for each organisation and one for each person; buy credit to go on.");

    /// <summary>The presented key is none of ours.</summary>
    public static readonly ProblemCode InvalidKey = new(
        "invalid_key",
        401,
        "The key is not valid.",
        "Check that the whole key was copied: 'Authorization: Bearer qn_…'.");

    /// <summary>The presented key was revoked.</summary>
    public static readonly ProblemCode RevokedKey = new(
        "revoked_key",
        401,
        "The key was revoked.",
        "Use another key, or create one.");

    /// <summary>The presented key has expired.</summary>
    public static readonly ProblemCode ExpiredKey = new(
        "expired_key",
        401,
        "The key has expired.",
        "Use another key, or create one.");

    /// <summary>The request presents more than one credential of the same kind.</summary>
    public static readonly ProblemCode AmbiguousCredentials = new(
        "ambiguous_credentials",
        400,
        "The request presents more than one credential.",
        "Send exactly one Authorization header.");

    /// <summary>The console's session is over.</summary>
    public static readonly ProblemCode SessionEnded = new(
        "session_ended",
        401,
        "The session has ended.",
        "Sign in again at /sign-in.");

    /// <summary>Too many failures or requests; a while must pass.</summary>
    public static readonly ProblemCode TooManyAttempts = new(
        "too_many_attempts",
        429,
        "There were too many attempts.",
        "Wait as long as Retry-After says.",
        Retry.Later);

    /// <summary>The person last proved who they are too long ago for what matters most.</summary>
    public static readonly ProblemCode RecentSignInRequired = new(
        "recent_sign_in_required",
        403,
        "This needs to be sure, once more, that it is you.",
        "Prove it at POST /v1/me/confirm or on the page /confirm, then repeat the request within ten minutes.");

    /// <summary>The second factor is not at the point the request needs.</summary>
    public static readonly ProblemCode SecondFactorState = new(
        "second_factor_state",
        409,
        "The second factor is not at this point.",
        "Look at has_second_factor of GET /v1/me; begin, then confirm with a code.");

    /// <summary>Links cannot be put into mails.</summary>
    public static readonly ProblemCode NoPublicUrl = new(
        "no_public_url",
        409,
        "This Quoin does not know the address people reach it by.",
        "Whoever runs it sets QUOIN_PUBLIC_URL.");

    /// <summary>A role with permissions the caller lacks.</summary>
    public static readonly ProblemCode RoleOutOfReach = new(
        "role_out_of_reach",
        403,
        "You cannot give or take a role that allows more than you may yourself.",
        "Ask an owner of the organisation.");

    /// <summary>The organisation would have no owner.</summary>
    public static readonly ProblemCode LastOwner = new(
        "last_owner",
        409,
        "An organisation keeps at least one owner.",
        "Make somebody else an owner first, or delete the organisation.");

    /// <summary>Organisations would be left without an owner.</summary>
    public static readonly ProblemCode SoleOwner = new(
        "sole_owner",
        409,
        "You are the only owner of organisations.",
        "Hand over or delete the organisations in organisation_ids first.");

    /// <summary>The operator's people are not deleted by themselves.</summary>
    public static readonly ProblemCode OperatorStays = new(
        "operator_stays",
        409,
        "One of the operator's people cannot delete their account.",
        "Have another operator take you from that work first.");

    /// <summary>The person belongs to the organisation already.</summary>
    public static readonly ProblemCode AlreadyMember = new(
        "already_member",
        409,
        "They belong to the organisation already.",
        "Change their role instead.");

    /// <summary>The organisation has as many people as it may have.</summary>
    public static readonly ProblemCode TooManyMembers = new(
        "too_many_members",
        409,
        "There are as many people or invitations as there may be.",
        "Revoke invitations that nobody will accept.");

    /// <summary>Mails were sent not long ago.</summary>
    public static readonly ProblemCode TooManyMails = new(
        "too_many_mails",
        429,
        "Too many mails were sent.",
        "Wait as long as Retry-After says.",
        Retry.Later);

    /// <summary>The invitation does not work (any more).</summary>
    public static readonly ProblemCode InvitationNotFound = new(
        "invitation_not_found",
        404,
        "This invitation does not work.",
        "Ask whoever invited you to send it again.");

    /// <summary>The invitation was mailed to another address.</summary>
    public static readonly ProblemCode InvitationForAnother = new(
        "invitation_for_another",
        403,
        "The invitation was mailed to another address.",
        "Sign in with that address, or ask to be invited with yours.");

    /// <summary>Nothing proves the caller's address.</summary>
    public static readonly ProblemCode AddressNotProved = new(
        "address_not_proved",
        403,
        "Your address is not proved to be yours.",
        "Confirm it on your account's page, then try again.");

    /// <summary>The organisation is being deleted.</summary>
    public static readonly ProblemCode OrganisationDeleting = new(
        "organisation_deleting",
        403,
        "The organisation is being deleted.",
        "An owner may restore it until its grace period ends.");

    /// <summary>The organisation is a person's own.</summary>
    public static readonly ProblemCode PersonalOrganisation = new(
        "personal_organisation",
        409,
        "This is a person's own organisation: it goes with the person's account.",
        "Delete the account, or keep both.");

    /// <summary>The person owns as many organisations as one may.</summary>
    public static readonly ProblemCode TooManyOrganisations = new(
        "too_many_organisations",
        409,
        "You own as many organisations as one person may.",
        "Delete or hand over one of them.");

    /// <summary>The organisation has as many projects as it may have.</summary>
    public static readonly ProblemCode TooManyProjects = new(
        "too_many_projects",
        409,
        "There are as many projects as there may be.",
        "Use one that is archived again.");

    /// <summary>The organisation has as many domains as it may have.</summary>
    public static readonly ProblemCode TooManyDomains = new(
        "too_many_domains",
        409,
        "There are as many domains as there may be.",
        "Remove one that is no longer used.");

    /// <summary>The record that would prove the domain is not there.</summary>
    public static readonly ProblemCode DomainNotProved = new(
        "domain_not_proved",
        409,
        "The DNS does not say that the domain is yours.",
        "Add the TXT record the detail names, wait until it is known, and check again.");

    /// <summary>The billing account takes no new usage.</summary>
    public static readonly ProblemCode BillingAccountClosed = new(
        "billing_account_closed",
        409,
        "The billing account is closed.",
        "Name one that is open.");

    /// <summary>The key belongs to a project, which is billed to another account.</summary>
    public static readonly ProblemCode BillingAccountOutOfReach = new(
        "billing_account_out_of_reach",
        403,
        "A key of a project has everything billed to that project's account.",
        "Name that account or none, or use a key that belongs to no project.");

    /// <summary>The default billing account stays open.</summary>
    public static readonly ProblemCode DefaultBillingAccount = new(
        "default_billing_account",
        409,
        "The default billing account stays open: usage that names none goes there.",
        "Rename it, or delete the organisation.");

    /// <summary>Something is still running on the billing account.</summary>
    public static readonly ProblemCode BillingAccountInUse = new(
        "billing_account_in_use",
        409,
        "Something is still running on the billing account.",
        "End what the detail names first.");

    /// <summary>The project has an open billing account already.</summary>
    public static readonly ProblemCode ProjectHasBillingAccount = new(
        "project_has_billing_account",
        409,
        "The project has an open billing account already.",
        "Use that one, or close it first.");

    /// <summary>The organisation has as many billing accounts as it may have.</summary>
    public static readonly ProblemCode TooManyBillingAccounts = new(
        "too_many_billing_accounts",
        409,
        "There are as many billing accounts as there may be.",
        "Open one that is closed again, or make another organisation.");

    /// <summary>Keys of the project still work.</summary>
    public static readonly ProblemCode ProjectInUse = new(
        "project_in_use",
        409,
        "Keys of the project still work.",
        "Revoke them first.");

    /// <summary>Several billing accounts are open and none was named.</summary>
    public static readonly ProblemCode BillingSelectionRequired = new(
        "billing_entity_selection_required",
        409,
        "Several billing accounts are open; say which one is meant.",
        "Send the header 'Quoin-Billing-Account: ba_…' with one of the ids in billing_account_ids.");

    internal static Problem PublicUrlUnknown() => new(NoPublicUrl, "QUOIN_PUBLIC_URL is not set.");

    internal static Problem TooManyTries(TimeSpan wait) => new(
        TooManyAttempts, $"Wait {PageParts.Of(wait)}.", Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)));

    internal static Problem OutOfReach(string role) =>
        new(RoleOutOfReach, $"The role '{role}' allows more than you may yourself.");

    internal static Problem IsBeingDeleted() =>
        new(OrganisationDeleting, "It is being deleted; until it is restored nothing in it changes.");

    internal static Problem Of(InvalidInput input) => new(
        InvalidMember,
        input.ToString(),
        members: new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["errors"] = input.Errors.Select(error => new { member = error.Key, detail = error.Value }).ToArray(),
        });

    internal static Problem HasAnother(BillingAccountId other) =>
        new(ProjectHasBillingAccount, $"The project is billed to {other}.");

    internal static Problem NoSuch(string what) =>
        new(PlatformProblems.NotFound, $"The organisation has no such {what}.");

    internal static Problem NoSuchServiceAccount() =>
        new(PlatformProblems.NotFound, "There is no such service account here that is enabled.");

    internal static Problem NoSuchOrganisation(OrgId org) =>
        new(OrganisationNotFound, $"There is no organisation {org}.");
}
