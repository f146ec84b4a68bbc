using Quoin.Accounts;

namespace Quoin.ConsolePages.Settings;

/// <summary>What people read about members and organisations.</summary>
internal static class SettingsText
{
    /// <summary>What a role allows, in a few words.</summary>
    public static string Of(string role) => role switch
    {
        MemberRole.Owner => "everything, and deletes or hands over",
        MemberRole.Admin => "people, settings, keys and money",
        MemberRole.Finance => "reads, buys, sees the audit log",
        MemberRole.Developer => "reads, sends usage, makes keys",
        _ => "reads",
    };

    /// <summary>Why a change came to nothing; null when it did not.</summary>
    public static string? Complaint(MemberOutcome outcome) => outcome switch
    {
        MemberOutcome.Done => null,
        MemberOutcome.Invalid(var input) => FormText.Sentence(input),
        MemberOutcome.NoSuchMember => "They do not belong to this organisation (any more).",
        MemberOutcome.RoleOutOfReach(var role) => $"The role {role} allows more than you may yourself.",
        MemberOutcome.LastOwner => "An organisation keeps at least one owner: make somebody else an owner first.",
        MemberOutcome.NoOffer => "No offer of ownership waits (any more).",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A change of members cannot end so."),
    };

    /// <summary>Why an invitation came to nothing; null when it did not.</summary>
    public static string? Complaint(InviteOutcome outcome) => outcome switch
    {
        InviteOutcome.Sent => null,
        InviteOutcome.Invalid(var input) => FormText.Sentence(input),
        InviteOutcome.RoleOutOfReach(var role) => $"The role {role} allows more than you may yourself.",
        InviteOutcome.NoPublicUrl => "This Quoin does not know how it is reached: whoever runs it sets QUOIN_PUBLIC_URL.",
        InviteOutcome.TooSoon(var wait) => $"Mails were sent not long ago. Wait {Math.Max(1, Math.Ceiling(wait.TotalMinutes))} minutes.",
        InviteOutcome.NotFound => "The invitation does not wait any more.",
        InviteOutcome.Deleting => "The organisation is being deleted.",
        InviteOutcome.AlreadyMember => "They belong to the organisation already.",
        InviteOutcome.TooMany => "There are as many people and invitations as there may be.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "An invitation cannot end so."),
    };

    /// <summary>Why a change of the organisation came to nothing; null when it did not.</summary>
    public static string? Complaint(OrganisationOutcome outcome) => outcome switch
    {
        OrganisationOutcome.Done => null,
        OrganisationOutcome.Invalid(var input) => FormText.Sentence(input),
        OrganisationOutcome.NotFound => "There is no such organisation any more.",
        OrganisationOutcome.Deleting => "It is being deleted; restore it first.",
        OrganisationOutcome.Personal => "This is your own organisation: it goes with your account.",
        OrganisationOutcome.SlugTaken(var slug) => $"Another organisation has the slug {slug}.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A change cannot end so."),
    };

    /// <summary>Why a change of projects came to nothing; null when it did not.</summary>
    public static string? Complaint(ProjectOutcome outcome) => outcome switch
    {
        ProjectOutcome.Done => null,
        ProjectOutcome.Invalid(var input) => FormText.Sentence(input),
        ProjectOutcome.NotFound => "There is no such project.",
        ProjectOutcome.TooMany => "There are as many projects as there may be.",
        ProjectOutcome.SlugTaken(var slug) => $"Another project has the slug {slug}.",
        ProjectOutcome.InUse(var keys) => keys == 1
            ? "One of its keys still works: revoke it first."
            : $"{keys} of its keys still work: revoke them first.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A change of projects cannot end so."),
    };

    /// <summary>Why a change of domains came to nothing; null when it did not.</summary>
    public static string? Complaint(DomainOutcome outcome) => outcome switch
    {
        DomainOutcome.Done => null,
        DomainOutcome.Invalid(var input) => FormText.Sentence(input),
        DomainOutcome.NotFound => "There is no such domain here.",
        DomainOutcome.TooMany => "There are as many domains as there may be.",
        DomainOutcome.TooSoon => "The DNS was asked a moment ago. Wait half a minute.",
        DomainOutcome.NotProved(var domain) => $"No TXT record of {domain.RecordName} says so far that it is yours.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A change of domains cannot end so."),
    };

    /// <summary>Why a billing account was not opened; null when it was.</summary>
    public static string? Complaint(OpenBillingAccountOutcome outcome) => outcome switch
    {
        OpenBillingAccountOutcome.Opened => null,
        OpenBillingAccountOutcome.Invalid(var input) => FormText.Sentence(input),
        OpenBillingAccountOutcome.NoSuchOrganisation => "There is no such organisation any more.",
        OpenBillingAccountOutcome.NoSuch(var what) => $"There is no such {what}.",
        OpenBillingAccountOutcome.ProjectHasOne => "The project has an open billing account already.",
        OpenBillingAccountOutcome.TooMany => "There are as many billing accounts as there may be.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Opening one cannot end so."),
    };

    /// <summary>Why a change of a billing account came to nothing; null when it did not.</summary>
    public static string? Complaint(BillingAccountOutcome outcome) => outcome switch
    {
        BillingAccountOutcome.Done => null,
        BillingAccountOutcome.Invalid(var input) => FormText.Sentence(input),
        BillingAccountOutcome.NotFound => "There is no such billing account.",
        BillingAccountOutcome.IsDefault => "The default one stays open: usage that names none goes there.",
        BillingAccountOutcome.InUse(var what) => $"It cannot be closed yet: it {string.Join(", and ", what)}.",
        BillingAccountOutcome.ProjectHasOne => "Its project has another open billing account.",
        BillingAccountOutcome.NoSuch(var what) => $"It cannot be opened again: there is no such {what} any more.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A change of one cannot end so."),
    };

    /// <summary>Why nothing was decided about who asked to join; null when it was.</summary>
    public static string? Complaint(JoinDecisionOutcome outcome) => outcome switch
    {
        JoinDecisionOutcome.Done => null,
        JoinDecisionOutcome.Invalid(var input) => FormText.Sentence(input),
        JoinDecisionOutcome.RoleOutOfReach(var role) => $"The role {role} allows more than you may yourself.",
        JoinDecisionOutcome.NotWaiting => "They do not wait any more.",
        JoinDecisionOutcome.TooMany => "There are as many people as there may be.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Deciding cannot end so."),
    };

    /// <summary>Why somebody did not join; null when they did, or have asked to.</summary>
    public static string? Complaint(JoinOutcome outcome) => outcome switch
    {
        JoinOutcome.Joined or JoinOutcome.Asked => null,
        JoinOutcome.TooSoon => "You asked several times; give them some hours.",
        JoinOutcome.NotSuggested => "It is not open to you any more.",
        JoinOutcome.TooMany => "It has as many people as there may be.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Joining cannot end so."),
    };

    /// <summary>What a billing account stands for, in a word.</summary>
    public static string Of(BillingAccountKind kind) => kind switch
    {
        BillingAccountKind.Organisation => "the organisation",
        BillingAccountKind.Project => "a project",
        BillingAccountKind.User => "a person",
        _ => "a customer of yours",
    };

    /// <summary>Why an organisation was not made; null when it was.</summary>
    public static string? Complaint(CreateOrganisationOutcome outcome) => outcome switch
    {
        CreateOrganisationOutcome.Created => null,
        CreateOrganisationOutcome.Invalid(var input) => FormText.Sentence(input),
        CreateOrganisationOutcome.SlugTaken(var slug) => $"Another organisation has the slug {slug}.",
        CreateOrganisationOutcome.TooMany => "You own as many organisations as one person may.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Making one cannot end so."),
    };
}
