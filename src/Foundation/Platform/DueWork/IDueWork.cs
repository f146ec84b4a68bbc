using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>
/// Work that falls due by an organisation's clock: renewals, expiries, closings, schedules. A module registers one for
/// each kind. What is due is the module's own state, so running it again finds nothing: it bears being stopped anywhere
/// and being run twice at once.
/// </summary>
public interface IDueWork
{
    /// <summary>Its name, <c>module.things</c>; for logs.</summary>
    string Name { get; }

    /// <summary>The organisation's earliest due instant; null when nothing will fall due.</summary>
    Task<DateTimeOffset?> NextDue(OrgId org, CancellationToken cancellationToken);

    /// <summary>
    /// Does what is due up to and including an instant. After it, <see cref="NextDue"/> lies later.
    /// </summary>
    Task RunUpTo(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken);

    /// <summary>
    /// The organisations with something due at or before an instant, in the order of their ids, after one of them.
    /// </summary>
    Task<IReadOnlyList<OrgId>> OrganisationsDue(
        DateTimeOffset instant, OrgId? after, int limit, CancellationToken cancellationToken);
}
