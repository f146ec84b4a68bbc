using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A part of an organisation: keys and billing accounts may belong to one.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Slug">Its name in addresses, unique in the organisation.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ArchivedAt">When it was put away; null while it is in use.</param>
public sealed record ProjectProfile(
    ProjectId Id,
    string Name,
    string Slug,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ArchivedAt);

/// <summary>A project to be made.</summary>
/// <param name="Name">What people call it: 1 to 200 letters.</param>
/// <param name="Slug">Its name in addresses; made of the name where left out.</param>
public sealed record NewProject(string Name, string? Slug = null);

/// <summary>What is to change about a project; what is left out stays.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="IsArchived">Whether it is put away.</param>
public sealed record ProjectChange(string? Name = null, string? Slug = null, bool? IsArchived = null);

/// <summary>Every way making or changing a project can end, in the order they are checked.</summary>
public abstract record ProjectOutcome
{
    private ProjectOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : ProjectOutcome;

    /// <summary>The organisation has no such project.</summary>
    public sealed record NotFound : ProjectOutcome;

    /// <summary>The organisation has as many as it may have.</summary>
    public sealed record TooMany : ProjectOutcome;

    /// <summary>Another project of the organisation has this slug.</summary>
    public sealed record SlugTaken(string Slug) : ProjectOutcome;

    /// <summary>It cannot be archived while keys of it work.</summary>
    public sealed record InUse(long Keys) : ProjectOutcome;

    /// <summary>It is so.</summary>
    public sealed record Done(ProjectProfile Project) : ProjectOutcome;
}
