namespace Quoin.Kernel;

/// <summary>A customer organisation: the tenant. First in every primary key.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct OrgId(Guid Value) : IId<OrgId>
{
    /// <inheritdoc />
    public static string Prefix => "org";

    /// <inheritdoc />
    public static OrgId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A person, of the operator or of an organisation.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct UserId(Guid Value) : IId<UserId>
{
    /// <inheritdoc />
    public static string Prefix => "usr";

    /// <inheritdoc />
    public static UserId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A project inside an organisation.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct ProjectId(Guid Value) : IId<ProjectId>
{
    /// <inheritdoc />
    public static string Prefix => "prj";

    /// <inheritdoc />
    public static ProjectId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>Who is billed: an organisation has one or more billing accounts.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct BillingAccountId(Guid Value) : IId<BillingAccountId>
{
    /// <inheritdoc />
    public static string Prefix => "ba";

    /// <inheritdoc />
    public static BillingAccountId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
