namespace Quoin.Payments.Internal;

/// <summary>Refuses to write a status that does not follow the one that is stored: a bug, never an outcome.</summary>
internal static class StatusGuard
{
    /// <summary>Lets a status pass that stays, or may follow.</summary>
    /// <param name="id">Of what, for the failure.</param>
    /// <param name="from">As it is stored.</param>
    /// <param name="to">As it is to be.</param>
    /// <param name="mayBecome">Whether one status may follow another.</param>
    /// <exception cref="InvalidOperationException">It does not follow.</exception>
    public static void Check<T>(object id, T from, T to, Func<T, T, bool> mayBecome)
        where T : struct, Enum
    {
        if (!EqualityComparer<T>.Default.Equals(from, to) && !mayBecome(from, to))
        {
            throw new InvalidOperationException($"{id} cannot go from {from} to {to}.");
        }
    }
}
