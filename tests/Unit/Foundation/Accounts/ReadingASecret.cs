using Quoin.Accounts;

namespace Quoin.Tests.Unit.Foundation.Accounts;

public sealed class ReadingASecret
{
    [Theory]
    [InlineData(SecretText.LiveKey)]
    [InlineData(SecretText.TestKey)]
    [InlineData(SecretText.OperatorKey)]
    public void Accepts_what_was_made(string prefix)
    {
        var secret = SecretText.Create(prefix);

        secret.ShouldMatch($"^{prefix}_[0-9A-Za-z]{{49}}$");
        SecretText.IsWellFormed(prefix, secret).ShouldBeTrue();
        SecretText.IsKey(secret).ShouldBeTrue();
    }

    [Fact]
    public void Notices_every_single_misspelt_letter()
    {
        var secret = SecretText.Create(SecretText.LiveKey);

        for (var place = 0; place < secret.Length; place++)
        {
            var letter = secret[place] == 'a' ? 'b' : 'a';
            SecretText.IsKey(secret[..place] + letter + secret[(place + 1)..]).ShouldBeFalse();
        }
    }

    [Fact]
    public void Notices_what_is_cut_off_or_added()
    {
        var secret = SecretText.Create(SecretText.TestKey);

        for (var length = 0; length < secret.Length; length++)
        {
            SecretText.IsKey(secret[..length]).ShouldBeFalse();
        }

        SecretText.IsKey(secret + "0").ShouldBeFalse();
        SecretText.IsKey(" " + secret).ShouldBeFalse();
        SecretText.IsKey(new string('ü', 100_000)).ShouldBeFalse();
    }

    [Fact]
    public void Does_not_take_a_sign_in_token_for_a_key()
    {
        SecretText.IsKey(SecretText.Create(SecretText.SignInToken)).ShouldBeFalse();
    }

    [Fact]
    public void Makes_no_secret_twice()
    {
        var made = Enumerable.Range(0, 1_000).Select(_ => SecretText.Create(SecretText.LiveKey)).ToHashSet();

        made.Count.ShouldBe(1_000);
    }
}
