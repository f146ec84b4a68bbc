namespace Quoin.Charging.Internal;

/// <summary>Another transaction opened or moved a rating position meanwhile: the step is to be done again from its start.</summary>
internal sealed class PositionMovedException() : Exception("A rating position moved meanwhile.");
