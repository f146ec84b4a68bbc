using Quoin.Accounts;

namespace Quoin.ConsolePages.ChooseOrganisation;

/// <summary>The organisations a person belongs to.</summary>
/// <param name="Own">The organisations, the one they have belonged to longest first.</param>
/// <param name="Form">The form of a new one.</param>
public sealed record OwnOrganisationsPage(IReadOnlyList<OwnOrganisation> Own, NewOrganisationForm Form);
