using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>A version of a plan; once published it never changes.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PlanVersionId(Guid Value) : IId<PlanVersionId>
{
    /// <inheritdoc />
    public static string Prefix => "plv";

    /// <inheritdoc />
    public static PlanVersionId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>Who sees a plan and may choose it.</summary>
public enum PlanVisibility
{
    /// <summary>Everyone.</summary>
    Public,

    /// <summary>Those it is assigned to: made for a customer.</summary>
    Custom,

    /// <summary>The operator alone.</summary>
    Internal,
}

/// <summary>How far a version has come.</summary>
public enum PlanStatus
{
    /// <summary>Being written; it may change and cannot be assigned.</summary>
    Draft,

    /// <summary>In force for whom it is assigned; it never changes.</summary>
    Published,
}

/// <summary>A plan by its name, over all its versions.</summary>
/// <param name="Family">Its short name, such as <c>starter</c>; never changes.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Description">A sentence for people; may be empty.</param>
/// <param name="Visibility">Who sees it and may choose it.</param>
public sealed record PlanFamily(string Family, string Name, string Description, PlanVisibility Visibility);

/// <summary>Credit that comes with every billing period and ends with it.</summary>
/// <param name="Name">What people call it; once in a plan.</param>
/// <param name="AmountMicros">Micros of the plan's currency.</param>
/// <param name="Priority">Which grants are spent first: lower first.</param>
/// <param name="Scopes">What it may be spent on, in the ledger's words; none is anything.</param>
public sealed record IncludedGrant(string Name, long AmountMicros, int Priority, IReadOnlyList<string> Scopes);

/// <summary>What a plan gives and costs. Versions of one id are equal once published.</summary>
/// <param name="Id">The version.</param>
/// <param name="Family">The plan it is a version of.</param>
/// <param name="Number">1, 2, … within the family.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Fee">What a month of it costs.</param>
/// <param name="Book">The book its usage is priced by before the catalogue; null has no prices of its own.</param>
/// <param name="TrialDays">Days at the start that cost no fee.</param>
/// <param name="Entitlements">What it lets an account do.</param>
/// <param name="Grants">Credit of each billing period.</param>
/// <param name="Hash">SHA-256 of all it says, in lower-case hexadecimals.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="PublishedAt">When it was published; null for a draft.</param>
public sealed record PlanVersion(
    PlanVersionId Id,
    string Family,
    int Number,
    PlanStatus Status,
    Money Fee,
    PriceBookId? Book,
    int TrialDays,
    IReadOnlyList<Entitlement> Entitlements,
    IReadOnlyList<IncludedGrant> Grants,
    string Hash,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PublishedAt);

/// <summary>All plans at one revision.</summary>
public sealed class PlanCatalogue
{
    private readonly Dictionary<PlanVersionId, PlanVersion> versions;
    private readonly Dictionary<string, PlanFamily> families;

    /// <summary>Arranges plans for look-up.</summary>
    public PlanCatalogue(IReadOnlyCollection<PlanFamily> families, IReadOnlyCollection<PlanVersion> versions)
    {
        this.families = families.ToDictionary(family => family.Family);
        this.versions = versions.ToDictionary(version => version.Id);
        Families = [.. families.OrderBy(family => family.Family, StringComparer.Ordinal)];
        Versions = [.. versions.OrderBy(version => version.Family, StringComparer.Ordinal).ThenBy(version => version.Number)];
    }

    /// <summary>By short name.</summary>
    public IReadOnlyList<PlanFamily> Families { get; }

    /// <summary>Drafts too, by family and number.</summary>
    public IReadOnlyList<PlanVersion> Versions { get; }

    /// <summary>A family; null when there is none.</summary>
    public PlanFamily? Family(string family) => families.GetValueOrDefault(family);

    /// <summary>A version; null when there is none.</summary>
    public PlanVersion? Find(PlanVersionId id) => versions.GetValueOrDefault(id);

    /// <summary>The newest published version of a family in a currency; null when there is none.</summary>
    public PlanVersion? Newest(string family, Currency currency) => Versions.LastOrDefault(version =>
        version.Family == family && version.Status == PlanStatus.Published && version.Fee.Currency == currency);
}
